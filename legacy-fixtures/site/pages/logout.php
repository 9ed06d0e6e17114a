<?php
// Log out. The button posts with the token; links and bookmarks from before 2011 still come by GET.
require_once 'inc/account.php';

start_session();
if (is_post()) {
    csrf_check();
    forget_member();
    $_SESSION = array();
    session_regenerate_id(true);
    flash('ok', 'You are logged out.');
    redirect('/', 303);
}

forget_member();
$_SESSION = array();
session_destroy();
setcookie(session_name(), '', time() - 42000, '/');
// relative: nobody has touched this since 2006
redirect_relative('index.php');
