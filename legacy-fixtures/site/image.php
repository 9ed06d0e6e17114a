<?php
/*
 * image.php?id=IMAGE[&size=thumb]   - a screenshot of a mod
 * image.php?mod=MOD[&size=thumb]    - the first screenshot of a mod, or its placeholder
 *
 * What is in the storage is sent as it is (there is no GD here: thumbnails are the browser's work).
 * What is missing is painted: a landscape that depends on the image's number alone.
 */
require 'inc/conditional.php';
without_session();
require 'inc/common.php';

define('IMAGE_EPOCH', 1149120000);   // 2006-06-01

function query_number($name)
{
    $value = isset($_GET[$name]) ? $_GET[$name] : '';
    return is_string($value) && strlen($value) <= 10 && ctype_digit($value) ? (int) $value : 0;
}

function find_image()
{
    $columns = "i.id, i.path, m.id AS mod_id, m.created FROM mods m";
    if (isset($_GET['mod'])) {
        return row("SELECT $columns LEFT JOIN mod_images i ON i.mod_id = m.id
                     WHERE m.id = " . query_number('mod') . " AND m.status <> 'removed'
                     ORDER BY i.`position`, i.id LIMIT 1");
    }
    return row("SELECT $columns, mod_images i
                 WHERE i.id = " . query_number('id') . " AND m.id = i.mod_id AND m.status <> 'removed'");
}

// a file below images/, or '' (nothing outside of it, whatever the path column says)
function stored_image($path)
{
    $root = realpath(getenv('MV_STORAGE') . '/images');
    $real = $root === false || $path == '' ? false : realpath("$root/$path");
    return $real !== false && strpos($real, "$root/") === 0 && is_file($real) ? $real : '';
}

function image_type($path)
{
    $types = array('png' => 'image/png', 'gif' => 'image/gif', 'jpg' => 'image/jpeg', 'jpeg' => 'image/jpeg');
    $extension = strtolower(pathinfo($path, PATHINFO_EXTENSION));
    return isset($types[$extension]) ? $types[$extension] : 'application/octet-stream';
}

// sky, sun and three ranges of hills in eight colours, from a number
function paint_landscape($seed, $width, $height)
{
    $bytes = array_values(unpack('C*', md5("landscape $seed", true)));
    $hue = $bytes[0] / 255 * 360;
    $palette = array();
    foreach (array(0.90, 0.84, 0.78, 0.97, 0.62, 0.44, 0.28) as $i => $light) {
        $palette[] = hue_colour($hue + ($i > 3 ? 150 : 0), $i === 3 ? 0.95 : 0.38, $light);
    }
    $ridges = array();
    for ($layer = 0; $layer < 3; $layer++) {
        for ($x = 0; $x < $width; $x++) {
            $a = $x / $width * 6.2832;
            $wave = sin($a * (1 + $layer) + $bytes[1 + $layer] / 40) * 0.09
                  + sin($a * (3 + $bytes[4 + $layer] % 4) + $bytes[7 + $layer] / 40) * 0.04;
            $ridges[$layer][$x] = (int) (($height * (0.55 + $layer * 0.15)) + $wave * $height);
        }
    }
    $sun_x = (int) ($width * (0.15 + $bytes[10] / 255 * 0.7));
    $sun_y = (int) ($height * 0.24);
    $sun_r = (int) ($height * 0.1);
    $rows = '';
    for ($y = 0; $y < $height; $y++) {
        $line = str_repeat(chr(min(2, (int) ($y * 4 / $height))), $width);
        $half = abs($y - $sun_y) < $sun_r ? (int) sqrt($sun_r * $sun_r - ($y - $sun_y) * ($y - $sun_y)) : 0;
        for ($x = max(0, $sun_x - $half); $x < min($width, $sun_x + $half); $x++) {
            $line[$x] = "\x03";
        }
        for ($x = 0; $x < $width && $y > $height * 0.38; $x++) {
            for ($layer = 2; $layer >= 0; $layer--) {
                if ($y >= $ridges[$layer][$x]) {
                    $line[$x] = chr(4 + $layer);
                    break;
                }
            }
        }
        $rows .= "\x00" . $line;
    }
    return png_of($width, $height, implode('', $palette), $rows);
}

function hue_colour($hue, $saturation, $light)
{
    $spread = $saturation * min($light, 1 - $light);
    $colour = '';
    foreach (array(0, 8, 4) as $n) {
        $k = fmod($n + $hue / 30, 12);
        $colour .= chr((int) round(255 * ($light - $spread * max(-1, min($k - 3, 9 - $k, 1)))));
    }
    return $colour;
}

// a palette PNG, by hand
function png_of($width, $height, $palette, $rows)
{
    return "\x89PNG\r\n\x1a\n"
        . png_chunk('IHDR', pack('NNCCCCC', $width, $height, 8, 3, 0, 0, 0))
        . png_chunk('PLTE', $palette)
        . png_chunk('IDAT', gzcompress($rows, 6))
        . png_chunk('IEND', '');
}

function png_chunk($type, $data)
{
    return pack('N', strlen($data)) . $type . $data . pack('N', crc32($type . $data));
}

$image = find_image();
if (!$image) {
    send_not_found();
}
$stored = stored_image((string) $image['path']);
if ($stored !== '') {
    send_conditional(image_type($stored), file_get_contents($stored), filemtime($stored), 86400);
}
$created = strtotime($image['created']);
$seed = $image['id'] ? "image {$image['id']}" : "mod {$image['mod_id']}";
$thumb = isset($_GET['size']) && $_GET['size'] === 'thumb';
$png = $thumb ? paint_landscape($seed, 200, 112) : paint_landscape($seed, 800, 450);
send_conditional('image/png', $png, $created > 0 ? $created : IMAGE_EPOCH, 86400);
