<?php
/* Front controller: index.php?page=NAME runs pages/NAME.php */
require_once dirname(__FILE__) . '/inc/common.php';

$page = isset($_GET['page']) ? $_GET['page'] : 'home';
if (!is_string($page) || !preg_match('/^[a-z0-9_]+$/', $page) || !is_file(SITE_ROOT . '/pages/' . $page . '.php')) {
    $page = '404';
}
include SITE_ROOT . '/pages/' . $page . '.php';
