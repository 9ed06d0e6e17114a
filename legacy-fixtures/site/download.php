<?php
/*
 * download.php - two steps:
 *   /download/FILEID            -> 302 to a signed link that expires (with ?nxm=1: to the desktop application)
 *   /download.php?id=&user=&expires=&sig=   -> the archive itself; resumable; counted once
 */
require 'inc/common.php';
require 'inc/archives.php';
require 'inc/conditional.php';

function load_file($id)
{
    return row("SELECT f.*, m.game_id, m.user_id AS author_id, m.status, g.domain
                  FROM mod_files f, mods m, games g
                 WHERE f.id = $id AND m.id = f.mod_id AND g.id = m.game_id");
}

function may_download($file, $user)
{
    if ($file['status'] === 'published') {
        return true;
    }
    return $user && ($user['id'] == $file['author_id'] || $user['rank'] == 2);
}

// step 1: the visitor has clicked
function hand_out_link($file_id)
{
    $user = current_user();
    $file = load_file($file_id);
    if (!$file || !may_download($file, $user)) {
        error_page(404, 'File not found', 'This file does not exist, or its mod is not published.');
    }
    $expires = link_expiry(time());
    $user_id = $user ? (int) $user['id'] : 0;
    header('Cache-Control: private, no-cache');
    if (isset($_GET['nxm'])) {
        hand_over_to_application($file, $user_id, $expires);
    }
    redirect_as_is(signed_link($file_id, $user_id, $expires));
}

function hand_over_to_application($file, $user_id, $expires)
{
    if (!$user_id) {
        redirect('/login');
    }
    $key = link_signature('nxm', $file['id'], $user_id, $expires);
    redirect_as_is("nxm://{$file['domain']}/mods/{$file['mod_id']}/files/{$file['id']}"
        . "?key=$key&expires=$expires&user_id=$user_id");
}

function redirect_as_is($url)
{
    header("Location: $url", true, 302);
    exit;
}

// step 2: the link
function send_archive($file_id, $user_id, $expires, $signature)
{
    if (!hash_equals(link_signature('file', $file_id, $user_id, $expires), $signature)) {
        error_page(403, 'Wrong link', 'This download link is not valid. Please go back to the mod and try again.');
    }
    if ($expires < time()) {
        error_page(410, 'Link expired', 'This download link has expired. Please go back to the mod and try again.');
    }
    $file = load_file($file_id);
    if (!$file || $file['status'] === 'removed') {
        error_page(404, 'File not found', 'This file does not exist any more.');
    }
    $archive = find_archive($file);
    $etag = sprintf('"%x-%x"', $archive['mtime'], $archive['size']);   // as nginx makes them
    $modified = http_date($archive['mtime']);
    $plan = plan_answer($archive['size'], $etag, $modified);
    if ($plan['count']) {
        count_download($file, $user_id);
    }
    leave_session();
    header('Content-Type: ' . archive_type($file['filename']));
    header('Content-Disposition: attachment; filename="' . header_name($file['filename']) . '"');
    header('Cache-Control: private');
    if ($archive['path'] !== '' && $archive['size'] >= ARCHIVE_BIG) {
        hand_to_nginx($archive['path']);
    }
    header("ETag: $etag");
    header("Last-Modified: $modified");
    header('Accept-Ranges: bytes');
    stream_archive($archive, $plan);
}

/*
 * What the request's conditions ask for: array(status, from, to, count).
 * A download counts once: when it starts at the first byte and bytes are going to be sent.
 */
function plan_answer($size, $etag, $modified)
{
    $plan = array('status' => 200, 'from' => 0, 'to' => $size - 1, 'count' => $_SERVER['REQUEST_METHOD'] === 'GET');
    if (is_unchanged($etag, $modified)) {
        return array('status' => 304, 'from' => 0, 'to' => -1, 'count' => false);
    }
    $range = isset($_SERVER['HTTP_RANGE']) ? $_SERVER['HTTP_RANGE'] : '';
    // HTTP_IF_RANGE: the rest only if the file is still the one the visitor has the first part of
    if (isset($_SERVER['HTTP_IF_RANGE']) && !in_array($_SERVER['HTTP_IF_RANGE'], array($etag, $modified), true)) {
        $range = '';
    }
    // several ranges at once: we never cared, they get the whole file
    if (!preg_match('/^bytes=(\d{0,18})-(\d{0,18})$/', $range, $m) || ($m[1] === '' && $m[2] === '')) {
        return $plan;
    }
    if ($m[1] === '') {
        $from = max(0, $size - (int) $m[2]);
        $to = $size - 1;
    } else {
        $from = (int) $m[1];
        $to = $m[2] === '' ? $size - 1 : min((int) $m[2], $size - 1);
    }
    if ($from > $to && $m[1] !== '' && $m[2] !== '' && (int) $m[2] < $from) {
        return $plan;   // 9-3 is no range at all
    }
    if ($from >= $size) {
        return array('status' => 416, 'from' => 0, 'to' => -1, 'count' => false);
    }
    return array('status' => 206, 'from' => $from, 'to' => $to, 'count' => $plan['count'] && $from === 0);
}

function count_download($file, $user_id)
{
    $id = (int) $file['id'];
    $ip = "X'" . bin2hex((string) @inet_pton($_SERVER['REMOTE_ADDR'])) . "'";
    $who = $user_id ? "user_id = $user_id" : "user_id IS NULL AND ip = $ip";
    $unique = val("SELECT COUNT(*) FROM downloads WHERE file_id = $id AND $who") == 0 ? 1 : 0;
    q("INSERT INTO downloads (file_id, user_id, ip, `when`)
       VALUES ($id, " . ($user_id ? $user_id : 'NULL') . ", $ip, '" . date('Y-m-d H:i:s') . "')");
    q("UPDATE mod_files SET downloads = downloads + 1 WHERE id = $id");
    // updated = updated: a download is no update of the mod
    q("UPDATE mods SET download_count = download_count + 1, unique_downloads = unique_downloads + $unique,
              updated = updated WHERE id = {$file['mod_id']}");
}

// a download may take hours, and the visitor wants to go on reading meanwhile
function leave_session()
{
    ini_set('display_errors', '0');
    set_time_limit(0);
    session_write_close();
    header_remove('Expires');
    header_remove('Pragma');
}

function archive_type($filename)
{
    $types = array('zip' => 'application/zip', '7z' => 'application/x-7z-compressed', 'rar' => 'application/x-rar-compressed');
    $extension = strtolower(pathinfo($filename, PATHINFO_EXTENSION));
    return isset($types[$extension]) ? $types[$extension] : 'application/octet-stream';
}

// browsers of the time read the bytes of a name as latin1
function header_name($filename)
{
    $latin1 = (string) @iconv('UTF-8', 'CP1252//TRANSLIT', $filename);
    $latin1 = $latin1 === '' ? 'download.zip' : $latin1;
    return addcslashes(preg_replace('/[\x00-\x1f\x7f]/', '_', $latin1), '"\\');
}

// the X-Sendfile of nginx: it answers ranges and conditions by itself
function hand_to_nginx($path)
{
    $root = realpath(getenv('MV_STORAGE') . '/files');
    $below = implode('/', array_map('rawurlencode', explode('/', substr($path, strlen($root) + 1))));
    header("X-Accel-Redirect: /_storage/files/$below");
    exit;
}

function stream_archive($archive, $plan)
{
    http_response_code($plan['status']);
    if ($plan['status'] === 304) {
        header_remove('Content-Type');
        header_remove('Content-Disposition');
        exit;
    }
    if ($plan['status'] === 416) {
        header("Content-Range: bytes */{$archive['size']}");
        header('Content-Length: 0');
        exit;
    }
    $length = $plan['to'] - $plan['from'] + 1;
    header("Content-Length: $length");
    if ($plan['status'] === 206) {
        header("Content-Range: bytes {$plan['from']}-{$plan['to']}/{$archive['size']}");
    }
    if ($_SERVER['REQUEST_METHOD'] === 'HEAD') {
        exit;
    }
    if ($archive['path'] === '') {
        echo substr($archive['contents'], $plan['from'], $length);
    } elseif ($length == $archive['size']) {
        readfile($archive['path']);
    } else {
        echo file_get_contents($archive['path'], false, null, $plan['from'], $length);
    }
    exit;
}

function query_number($name)
{
    $value = isset($_GET[$name]) ? $_GET[$name] : '';
    return is_string($value) && strlen($value) <= 10 && ctype_digit($value) ? (int) $value : 0;
}

if (isset($_GET['sig']) && is_string($_GET['sig'])) {
    send_archive(query_number('id'), query_number('user'), query_number('expires'), $_GET['sig']);
}
hand_out_link(query_number('id'));
