<?php
// Accounts: passwords, logging in and out, and the small form functions that every form page uses.
// Needs inc/common.php.

define('PASSWORD_MIN', 6);
define('PASSWORD_MAX', 72);          // bcrypt looks at no more
define('REMEMBER_DAYS', 30);

// ---------------------------------------------------------------------------------------------------- form fields

// A posted text field, '' when it is missing, an array, or not UTF-8. Control characters other than tab and
// line ends are dropped: MySQL would take them, browsers would not.
function post_text($name, $default = '')
{
    if (!isset($_POST[$name])) return $default;
    return clean_text($_POST[$name]);
}

function clean_text($value)
{
    if (!is_string($value) || !preg_match('//u', $value)) return '';
    return preg_replace('/[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]/', '', $value);
}

function post_line($name, $default = '')
{
    return trim(preg_replace('/\s+/u', ' ', post_text($name, $default)));
}

function post_int($name)
{
    $value = isset($_POST[$name]) && is_string($_POST[$name]) ? trim($_POST[$name]) : '';
    return preg_match('/^[0-9]{1,10}$/', $value) ? (int)$value : 0;
}

// A posted list (name="tags[]"); anything that is not a list of texts is ignored.
function post_list($name)
{
    $list = array();
    if (isset($_POST[$name]) && is_array($_POST[$name])) {
        foreach ($_POST[$name] as $value) {
            $value = trim(clean_text($value));
            if ($value !== '') $list[] = $value;
        }
    }
    return $list;
}

function get_int($name)
{
    $value = isset($_GET[$name]) && is_string($_GET[$name]) ? $_GET[$name] : '';
    return preg_match('/^[0-9]{1,10}$/', $value) ? (int)$value : 0;
}

function is_post()
{
    return isset($_SERVER['REQUEST_METHOD']) && $_SERVER['REQUEST_METHOD'] == 'POST';
}

// PHP drops the whole body when it is over post_max_size: no fields, no files, not even the token.
function post_was_too_large()
{
    return is_post() && empty($_POST) && empty($_FILES)
        && isset($_SERVER['CONTENT_LENGTH']) && (int)$_SERVER['CONTENT_LENGTH'] > 0
        && isset($_SERVER['CONTENT_TYPE']) && stripos($_SERVER['CONTENT_TYPE'], 'multipart/form-data') === 0;
}

function text_length($s)
{
    return (int)iconv_strlen($s, 'UTF-8');
}

// The box above a form: $errors is field => text, each line leads to its field.
function form_errors($errors)
{
    if (!$errors) return;
    echo '<div class="form-errors"><p>Please correct ' . (count($errors) == 1 ? 'this' : 'these') . ":</p>\n<ul>\n";
    foreach ($errors as $field => $text) {
        echo '<li><a href="#f-' . h($field) . '">' . h($text) . "</a></li>\n";
    }
    echo "</ul></div>\n";
}

// Attributes of a field that may be wrong.
function field_state($errors, $field)
{
    return isset($errors[$field]) ? ' class="wrong"' : '';
}

function checked($on)
{
    return $on ? ' checked="checked"' : '';
}

function selected($on)
{
    return $on ? ' selected="selected"' : '';
}

// Opens a form with its token; the caller writes </form>.
function form_open($action, $class = 'form', $enctype = '')
{
    echo '<form class="' . $class . '" method="post" action="' . h($action) . '"' . ($enctype == '' ? '' : ' enctype="' . $enctype . '"') . ">\n"
        . '<div>' . csrf_field() . "</div>\n";
}

// ---------------------------------------------------------------------------------------------------- passwords

// The scheme that a stored password is in: 'bcrypt' (since 2012), 'salted' (2008: md5(salt . md5(password))), 'md5' (2006).
function password_scheme($user)
{
    if (substr($user['password'], 0, 4) == '$2y$' || substr($user['password'], 0, 4) == '$2a$') return 'bcrypt';
    return $user['salt'] != '' ? 'salted' : 'md5';
}

function password_matches($user, $password)
{
    switch (password_scheme($user)) {
        case 'bcrypt': return password_verify($password, $user['password']);
        case 'salted': return hash_equals($user['password'], md5($user['salt'] . md5($password)));
        default:       return hash_equals($user['password'], md5($password));
    }
}

function new_password_hash($password)
{
    return password_hash($password, PASSWORD_BCRYPT, array('cost' => 10));
}

// Plain md5 is replaced at the next login. The salted ones were "good enough for now" in 2012 and stayed.
function upgrade_password($user, $password)
{
    if (password_scheme($user) != 'md5' || strlen($password) > PASSWORD_MAX || strpos($password, "\0") !== false) return;
    q("UPDATE users SET password = '" . esc(new_password_hash($password)) . "', salt = '' WHERE id = " . (int)$user['id']);
}

// What is wrong with a new password, or ''.
function password_problem($password, $username)
{
    if (strlen($password) < PASSWORD_MIN) return 'The password needs at least ' . PASSWORD_MIN . ' characters.';
    if (strlen($password) > PASSWORD_MAX) return 'The password may have ' . PASSWORD_MAX . ' characters at most.';
    if (strpos($password, "\0") !== false || !preg_match('//u', $password)) return 'The password has characters that we cannot store.';
    if (strcasecmp($password, $username) == 0) return 'The password must not be your member name.';
    if (!preg_match('/[0-9]/', $password) || !preg_match('/[^0-9]/', $password)) return 'The password needs at least one letter and one digit.';
    return '';
}

// Passwords are taken as they were typed: no trimming, no cleaning.
function post_password($name)
{
    return isset($_POST[$name]) && is_string($_POST[$name]) ? $_POST[$name] : '';
}

// ---------------------------------------------------------------------------------------------------- session

// A path on this site to go to after the login, or $default. Other hosts are not followed.
function safe_return($path, $default = '/')
{
    if (!is_string($path) || strlen($path) > 2000 || !preg_match('#^/(?![/\\\\])[\x21-\x7E]*$#', $path)) return $default;
    if (preg_match('#^/(login|logout|register)\b#', $path) || strpos($path, 'page=log') !== false) return $default;
    return $path;
}

// Logs in after a form: what another member had begun in this browser is dropped.
function enter_account($user)
{
    start_session();
    unset($_SESSION['upload']);
    log_in_user($user);
}

function remember_member($user)
{
    $selector = bin2hex(random_bytes(8));
    $validator = bin2hex(random_bytes(32));
    $expires = time() + REMEMBER_DAYS * 86400;
    q("INSERT INTO remember_tokens (selector, validator, user_id, expires) VALUES ('" . $selector . "', '"
        . hash('sha256', $validator) . "', " . (int)$user['id'] . ", '" . gmdate('Y-m-d H:i:s', $expires) . "')");
    q("DELETE FROM remember_tokens WHERE user_id = " . (int)$user['id'] . " AND expires < UTC_TIMESTAMP()");
    setcookie(REMEMBER_COOKIE, $selector . ':' . $validator, $expires, '/', '', false, true);
}

function forget_member()
{
    if (!isset($_COOKIE[REMEMBER_COOKIE])) return;
    if (is_string($_COOKIE[REMEMBER_COOKIE])) {
        $parts = explode(':', $_COOKIE[REMEMBER_COOKIE]);
        q("DELETE FROM remember_tokens WHERE selector = '" . esc($parts[0]) . "'");
    }
    setcookie(REMEMBER_COOKIE, '', time() - 42000, '/', '', false, true);
}

// ---------------------------------------------------------------------------------------------------- log

// activity_log.detail is binary: the address as inet_pton() gives it, a NUL, the text.
function log_activity($action, $text, $user_id = null)
{
    $ip = @inet_pton($_SERVER['REMOTE_ADDR']);
    q("INSERT INTO activity_log (user_id, `action`, detail) VALUES (" . ($user_id === null ? 'NULL' : (int)$user_id)
        . ", '" . esc($action) . "', _binary'" . esc($ip . "\0" . $text) . "')");
}

// ---------------------------------------------------------------------------------------------------- options

// settings.site_options is what serialize() made of an array. Blobs that were "converted" to UTF-8 by hand cannot be
// read any more, their lengths are wrong; then there are no options.
function site_options()
{
    $blob = val("SELECT `value` FROM settings WHERE `key` = 'site_options'");
    $options = $blob === null || $blob === '' ? false : @unserialize($blob, array('allowed_classes' => false));
    return is_array($options) ? $options : array();
}

function save_site_options($options)
{
    q("REPLACE INTO settings (`key`, `value`) VALUES ('site_options', '" . esc(serialize($options)) . "')");
}
