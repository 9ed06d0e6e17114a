<?php
/*
 * conditional.php - ETag, Last-Modified and 304 for what is not a page: feeds, images, archives.
 */

// does the visitor already have it? (If-None-Match wins; dates must be the same, as with nginx)
function is_unchanged($etag, $modified)
{
    if (isset($_SERVER['HTTP_IF_NONE_MATCH'])) {
        $known = array_map('trim', explode(',', $_SERVER['HTTP_IF_NONE_MATCH']));
        return in_array('*', $known, true) || in_array($etag, $known, true) || in_array("W/$etag", $known, true);
    }
    return isset($_SERVER['HTTP_IF_MODIFIED_SINCE']) && $_SERVER['HTTP_IF_MODIFIED_SINCE'] === $modified;
}

function http_date($time)
{
    return gmdate('D, d M Y H:i:s', $time) . ' GMT';
}

/*
 * To be called before common.php: no session for images and feeds. The session's headers forbid caching, and its
 * lock would make the pictures of a page come one after the other.
 */
function without_session()
{
    unset($_COOKIE[session_name()], $_COOKIE['MVREMEMBER']);
    ini_set('display_errors', '0');
}

function send_not_found()
{
    http_response_code(404);
    header('Content-Type: text/plain; charset=utf-8');
    echo "Not found.\n";
    exit;
}

// the whole answer: 304 or the body. GET and HEAD.
function send_conditional($type, $body, $mtime, $max_age)
{
    $etag = '"' . md5($body) . '"';
    $modified = http_date($mtime);
    header("ETag: $etag");
    header("Last-Modified: $modified");
    header("Cache-Control: public, max-age=$max_age");
    if (is_unchanged($etag, $modified)) {
        header_remove('Content-Type');
        http_response_code(304);
        exit;
    }
    header("Content-Type: $type");
    header('Content-Length: ' . strlen($body));
    if ($_SERVER['REQUEST_METHOD'] !== 'HEAD') {
        echo $body;
    }
    exit;
}
