<?php
/*
 * ajax.php - everything the little buttons on the site talk to.
 *
 * POST action=... ; answers JSON: {"ok":true,...} or {"ok":false,"error":"..."}
 *
 *   endorse, abstain     mod_id, csrf
 *   track, untrack       mod_id, csrf
 *   track_many           mod_ids[] , csrf
 *   comment_preview      body, csrf
 *   unread               -
 *   check_name           name          (register form, no login)
 *   suggest              term          (search box, no login)
 */
require 'inc/common.php';

// a warning in the middle would be no JSON any more (it is in the log)
ini_set('display_errors', '0');

function answer($data, $code = 200)
{
    $json = json_encode($data, JSON_INVALID_UTF8_SUBSTITUTE);
    http_response_code($code);
    header('Content-Type: application/json; charset=utf-8');
    header('Content-Length: ' . strlen($json));
    echo $json;
    exit;
}

function refuse($error, $code)
{
    answer(array('ok' => false, 'error' => $error), $code);
}

// a number as the forms send it; anything else is 0 and finds nothing
function posted_id($name)
{
    $value = isset($_POST[$name]) ? $_POST[$name] : '';
    return is_string($value) && strlen($value) <= 10 && ctype_digit($value) ? (int) $value : 0;
}

function posted_text($name)
{
    return isset($_POST[$name]) && is_string($_POST[$name]) ? $_POST[$name] : '';
}

// login, then the token; afterwards the session is only in the way of the visitor's other requests
function require_member()
{
    $user = current_user();
    if (!$user) {
        refuse('login', 403);
    }
    $token = isset($_SESSION['csrf']) ? (string) $_SESSION['csrf'] : '';
    if ($token === '' || !hash_equals($token, posted_text('csrf'))) {
        refuse('csrf', 403);
    }
    session_write_close();
    return $user;
}

function require_published_mod($id)
{
    $mod = row("SELECT id, user_id FROM mods WHERE id = $id AND status = 'published'");
    if (!$mod) {
        refuse('not-found', 404);
    }
    return $mod;
}

function ajax_endorse($endorse)
{
    $user = require_member();
    $mod = require_published_mod(posted_id('mod_id'));
    if ($mod['user_id'] == $user['id']) {
        refuse('own-mod', 409);
    }
    if ($endorse) {
        q("INSERT INTO endorsements (mod_id, user_id, status) VALUES ({$mod['id']}, {$user['id']}, 1)
           ON DUPLICATE KEY UPDATE status = 1");
    } else {
        q("UPDATE endorsements SET status = 2 WHERE mod_id = {$mod['id']} AND user_id = {$user['id']}");
    }
    // the triggers have counted by now
    $count = val("SELECT endorsement_count FROM mods WHERE id = {$mod['id']}");
    answer(array('ok' => true, 'endorsed' => $endorse, 'count' => (int) $count));
}

function ajax_track($track)
{
    $user = require_member();
    $mod = require_published_mod(posted_id('mod_id'));
    if ($track) {
        q("INSERT IGNORE INTO tracked_mods (user_id, mod_id) VALUES ({$user['id']}, {$mod['id']})");
    } else {
        q("DELETE FROM tracked_mods WHERE user_id = {$user['id']} AND mod_id = {$mod['id']}");
    }
    answer(array('ok' => true, 'tracking' => $track));
}

function ajax_track_many()
{
    $user = require_member();
    $ids = isset($_POST['mod_ids']) && is_array($_POST['mod_ids']) ? $_POST['mod_ids'] : array();
    $wanted = array();
    foreach (array_slice($ids, 0, 100) as $id) {
        if (is_string($id) && strlen($id) <= 10 && ctype_digit($id)) {
            $wanted[] = (int) $id;
        }
    }
    $tracked = 0;
    if ($wanted) {
        q("INSERT IGNORE INTO tracked_mods (user_id, mod_id)
           SELECT {$user['id']}, id FROM mods WHERE status = 'published' AND id IN (" . implode(',', $wanted) . ")");
        $tracked = db()->affected_rows;
    }
    answer(array('ok' => true, 'tracked' => $tracked));
}

function ajax_comment_preview()
{
    require_member();
    $body = trim(posted_text('body'));
    if ($body === '') {
        refuse('empty', 422);
    }
    if (strlen($body) > 10000) {
        refuse('too-long', 422);
    }
    answer(array('ok' => true, 'html' => bbcode($body)));
}

function ajax_unread()
{
    $user = current_user();
    if (!$user) {
        refuse('login', 403);
    }
    session_write_close();
    $unread = val("SELECT COUNT(*) FROM messages WHERE to_id = {$user['id']} AND `read` = b'0'");
    answer(array('ok' => true, 'unread' => (int) $unread));
}

function ajax_check_name()
{
    $name = posted_text('name');
    if (!is_good_name($name)) {
        answer(array('ok' => true, 'name' => $name, 'free' => false, 'reason' => 'invalid'));
    }
    // the column's collation decides: "DOVAH" and "dovah " are taken as well
    $taken = val("SELECT COUNT(*) FROM users WHERE username = '" . esc($name) . "'");
    $reason = $taken ? 'taken' : null;
    answer(array('ok' => true, 'name' => $name, 'free' => !$taken, 'reason' => $reason));
}

// valid UTF-8 of 3 to 40 characters, no control characters (there is no mbstring on the server)
function is_good_name($name)
{
    return preg_match('/^[^\p{C}]{3,40}$/u', $name) === 1;
}

function ajax_suggest()
{
    $term = trim(posted_text('term'));
    $names = array();
    if (preg_match('/^[^\p{C}]{2,60}$/u', $term)) {
        $like = esc(addcslashes($term, '%_\\'));
        $found = rows("SELECT DISTINCT name FROM mods WHERE status = 'published' AND name LIKE '$like%' ORDER BY name LIMIT 10");
        foreach ($found as $mod) {
            $names[] = fix_utf8($mod['name']);
        }
    }
    answer(array('ok' => true, 'names' => $names));
}

if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    header('Allow: POST');
    refuse('method', 405);
}

switch (posted_text('action')) {
    case 'endorse':
        ajax_endorse(true);
        break;
    case 'abstain':
        ajax_endorse(false);
        break;
    case 'track':
        ajax_track(true);
        break;
    case 'untrack':
        ajax_track(false);
        break;
    case 'track_many':
        ajax_track_many();
        break;
    case 'comment_preview':
        ajax_comment_preview();
        break;
    case 'unread':
        ajax_unread();
        break;
    case 'check_name':
        ajax_check_name();
        break;
    case 'suggest':
        ajax_suggest();
        break;
    default:
        refuse('action', 400);
}
