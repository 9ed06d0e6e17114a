<?php
/*
 * archives.php - where a file's archive lies, what to send when it does not, and the signed links to it.
 * Used by download.php and by the desktop-app API.
 */

define('ARCHIVE_BIG', 262144);          // from here on nginx sends it, not PHP
define('ARCHIVE_EPOCH', 1149120000);    // 2006-06-01: date of files that have none

// the end of an hour, and never less than an hour from now: every link made within an hour is the same
function link_expiry($now)
{
    return (int) (ceil(($now + 3600) / 3600) * 3600);
}

function link_signature($kind, $file_id, $user_id, $expires)
{
    return hash_hmac('sha1', "$kind:$file_id:$user_id:$expires", (string) getenv('MV_SECRET'));
}

function signed_link($file_id, $user_id, $expires)
{
    $signature = link_signature('file', $file_id, $user_id, $expires);
    return site_url("/download.php?id=$file_id&user=$user_id&expires=$expires&sig=$signature");
}

// a file of the storage below files/, or '' (nothing outside of it, whatever the path column says)
function stored_archive($path)
{
    $root = realpath(getenv('MV_STORAGE') . '/files');
    if ($path === '' || $root === false) {
        return '';
    }
    $real = realpath("$root/$path");
    if ($real === false || strpos($real, "$root/") !== 0 || !is_file($real)) {
        return '';
    }
    return $real;
}

/*
 * What to send: array(path below files/ or '', contents or '', size, mtime).
 * Small archives that are missing are made in memory, big ones once on disk so that nginx can send them.
 */
function find_archive($file)
{
    $stored = stored_archive($file['path']);
    if ($stored === '' && !archive_is_big($file['id'])) {
        $contents = make_archive($file['id']);
        return array('path' => '', 'contents' => $contents, 'size' => strlen($contents), 'mtime' => archive_mtime($file));
    }
    if ($stored === '') {
        $stored = keep_made_archive($file);
    }
    return array('path' => $stored, 'contents' => '', 'size' => filesize($stored), 'mtime' => filemtime($stored));
}

function archive_mtime($file)
{
    $time = strtotime($file['uploaded']);
    return $time > 0 ? $time : ARCHIVE_EPOCH;
}

function archive_is_big($file_id)
{
    return $file_id % 5 == 0;
}

function keep_made_archive($file)
{
    $dir = getenv('MV_STORAGE') . '/files/generated';
    $path = "$dir/{$file['id']}.zip";
    if (!is_file($path)) {
        if (!is_dir($dir)) {
            @mkdir($dir, 0775, true);
        }
        // two visitors may come at once: each writes its own, the last one wins with the same bytes
        $temporary = tempnam($dir, 'new');
        file_put_contents($temporary, make_archive($file['id']));
        chmod($temporary, 0664);
        touch($temporary, archive_mtime($file));
        rename($temporary, $path);
    }
    clearstatcache();
    return realpath($path);
}

// a valid zip with two stored (not deflated) entries, the same bytes for the same id for ever
function make_archive($file_id)
{
    $bytes = archive_is_big($file_id) ? 1048576 : 4096 + ($file_id % 16) * 1024;
    $entries = array(
        'readme.txt' => "ModVault file $file_id\r\nInstall by copying the Data folder into the game's folder.\r\n",
        "Data/file$file_id.esp" => archive_noise($file_id, $bytes),
    );
    $local = '';
    $central = '';
    foreach ($entries as $name => $data) {
        // version 2.0, no flags, stored, 2010-01-01 12:00
        $common = pack('vvvvvVVVvv', 20, 0, 0, 0x6000, 0x3C21, crc32($data), strlen($data), strlen($data), strlen($name), 0);
        $central .= "PK\x01\x02" . pack('v', 20) . $common . pack('vvvVV', 0, 0, 0, 32, strlen($local)) . $name;
        $local .= "PK\x03\x04" . $common . $name . $data;
    }
    $end = "PK\x05\x06" . pack('vvvvVVv', 0, 0, count($entries), count($entries), strlen($central), strlen($local), 0);
    return $local . $central . $end;
}

function archive_noise($file_id, $bytes)
{
    $noise = '';
    for ($block = 0; strlen($noise) < $bytes; $block++) {
        $noise .= md5("modvault $file_id $block", true);
    }
    return $noise;
}
