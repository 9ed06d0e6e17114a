<?php
// Both copies run from the same files: which database is whose comes from the environment.
define('DB_NAME', getenv('COMPAT_DATABASE'));
define('DB_USER', getenv('COMPAT_DATABASE_USER'));
define('DB_PASSWORD', getenv('COMPAT_DATABASE_PASSWORD'));
define('DB_HOST', getenv('COMPAT_DATABASE_HOST'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = 'wp_';

foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $kind) {
    define("{$kind}_KEY", "compat key $kind");
    define("{$kind}_SALT", "compat salt $kind");
}

// As WordPress advises behind something that speaks TLS.
if (($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https') {
    $_SERVER['HTTPS'] = 'on';
}
$scheme = ($_SERVER['HTTPS'] ?? '') === 'on' ? 'https' : 'http';
define('WP_HOME', "$scheme://www.compat.example");
define('WP_SITEURL', WP_HOME);

// Application passwords are for https, or for a site that says this.
define('WP_ENVIRONMENT_TYPE', 'local');
// Work in the background would happen to one copy earlier than to the other.
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);

if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
