<?php
/*
 * Sessions and members.
 * Visitors who never log in have no session, so that the pages they see can be cached.
 *
 * Keys in the session: user_id (int), username, rank (int), csrf (32 hex), flash (list of [type, text]),
 * login_at (int), upload (the wizard's array).
 */

define('REMEMBER_COOKIE', 'MVREMEMBER');

function start_session() {
    if (session_status() !== PHP_SESSION_ACTIVE) {
        session_start();
    }
}

function start_session_if_any() {
    if (isset($_COOKIE[session_name()])) {
        start_session();
    }
}

function has_session() {
    return session_status() === PHP_SESSION_ACTIVE;
}

/* Makes this visitor a member who is logged in. New session id, so that nobody can plant one. */
function log_in_user($user) {
    start_session();
    session_regenerate_id(true);
    $_SESSION['user_id'] = (int) $user['id'];
    $_SESSION['username'] = $user['username'];
    $_SESSION['rank'] = (int) $user['rank'];
    $_SESSION['csrf'] = bin2hex(random_bytes(16));
    $_SESSION['login_at'] = time();
    q("UPDATE users SET last_login = NOW() WHERE id = " . (int) $user['id']);
}

/* users row of the member who is logged in, or null */
function current_user() {
    static $user = false;
    static $user_id = null;
    $id = has_session() && isset($_SESSION['user_id']) ? (int) $_SESSION['user_id'] : 0;
    if ($id == 0 && isset($_COOKIE[REMEMBER_COOKIE]) && $user === false) {
        $id = log_in_by_remember_cookie($_COOKIE[REMEMBER_COOKIE]);
    }
    if ($user === false || $user_id !== $id) {
        $user_id = $id;
        $user = $id == 0 ? null : row("SELECT id, username, email, password, salt, `rank`, avatar, signature, about, country, gender,
            birthday, joined, last_login, mod_count, options, karma, api_key, banned + 0 AS banned FROM users WHERE id = $id");
        if ($user && $user['banned']) {
            $user = null;
        }
    }
    return $user;
}

/* "selector:validator"; the database has the validator's sha256. Returns the user's id or 0. */
function log_in_by_remember_cookie($cookie) {
    if (!is_string($cookie) || !preg_match('/^([0-9a-z]{16}):([0-9a-z-]{16,64})$/', $cookie, $m)) {
        return 0;
    }
    $token = row("SELECT validator, user_id FROM remember_tokens WHERE selector = '" . esc($m[1]) . "' AND expires > NOW()");
    if (!$token || !hash_equals($token['validator'], hash('sha256', $m[2]))) {
        return 0;
    }
    $user = row("SELECT id, username, `rank` FROM users WHERE id = " . (int) $token['user_id'] . " AND banned = b'0'");
    if (!$user) {
        return 0;
    }
    log_in_user($user);
    return (int) $user['id'];
}

function require_login() {
    $user = current_user();
    if (!$user) {
        start_session();
        flash('info', 'Please log in first.');
        redirect('/login?return=' . urlencode($_SERVER['REQUEST_URI']));
    }
    return $user;
}

function is_admin() {
    $user = current_user();
    return $user !== null && $user['rank'] == 2;
}

/* ---- forms ---- */

function csrf_token() {
    start_session();
    if (!isset($_SESSION['csrf'])) {
        $_SESSION['csrf'] = bin2hex(random_bytes(16));
    }
    return $_SESSION['csrf'];
}

function csrf_field() {
    return '<input type="hidden" name="csrf" value="' . csrf_token() . '" />';
}

/* csrf comes with POST; the "Log out" link has it in the URL */
function csrf_ok() {
    $sent = isset($_POST['csrf']) ? $_POST['csrf'] : (isset($_GET['csrf']) ? $_GET['csrf'] : '');
    return has_session() && isset($_SESSION['csrf']) && is_string($sent) && hash_equals($_SESSION['csrf'], $sent);
}

function csrf_check() {
    if (!csrf_ok()) {
        error_page(403, 'Form expired', 'The form was open for too long or did not come from this site. Please go back, reload the page and try again.');
    }
}

/* ---- messages for the next page ---- */

/* $type: ok, info or error; $text is plain text */
function flash($type, $text) {
    start_session();
    $_SESSION['flash'][] = array($type, $text);
}

function take_flashes() {
    if (!has_session() || empty($_SESSION['flash'])) {
        return array();
    }
    $flashes = $_SESSION['flash'];
    unset($_SESSION['flash']);
    return $flashes;
}
