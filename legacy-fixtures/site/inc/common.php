<?php
/*
 * ModVault - common.php
 * Every script that is called from outside includes this file first.
 *
 * 2006-11-02 first version
 * 2009-03-14 moved everything into inc/
 * 2013-08-30 mysqli instead of mysql
 */

error_reporting(E_ALL & ~E_NOTICE & ~E_DEPRECATED);

define('SITE_NAME', 'ModVault');
define('SITE_ROOT', dirname(dirname(__FILE__)));
define('ASSET_VERSION', '14');     // put up by one when css or js change, they are cached for years

require_once SITE_ROOT . '/inc/db.php';
require_once SITE_ROOT . '/inc/functions.php';
require_once SITE_ROOT . '/inc/bbcode.php';
require_once SITE_ROOT . '/inc/session.php';
require_once SITE_ROOT . '/inc/mods.php';
require_once SITE_ROOT . '/inc/header.php';
require_once SITE_ROOT . '/inc/footer.php';

start_session_if_any();
