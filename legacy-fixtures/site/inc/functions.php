<?php
/* Small functions that every page uses. */

function h($s) {
    return htmlspecialchars((string) $s, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

/*
 * The import of 2011 read UTF-8 as Windows-1252 and saved it as UTF-8 again ("CafÃ©"). Not all rows have it,
 * so look at each text: if all of it would fit into Windows-1252, and those bytes are proper UTF-8 with at
 * least one character above ASCII, then it was encoded twice.
 * NULs go away here as well, some changelogs have them.
 */
function fix_utf8($s) {
    static $bytes = null;
    $s = str_replace("\0", '', (string) $s);
    if (!preg_match('/[\xC3\xC2]/', $s)) {
        return $s;
    }
    if ($bytes === null) {
        $bytes = windows_1252_bytes();
    }
    if (!preg_match_all('/./us', $s, $m)) {
        return $s;
    }
    $once = '';
    foreach ($m[0] as $c) {
        if (strlen($c) == 1) {
            $once .= $c;
        } elseif (isset($bytes[$c])) {
            $once .= $bytes[$c];
        } else {
            return $s;
        }
    }
    return preg_match('//u', $once) ? $once : $s;
}

/* UTF-8 character => its byte, as MySQL's "latin1" has it: Windows-1252, its five holes filled with U+0081 and so on */
function windows_1252_bytes() {
    $special = array(
        0x80 => 0x20AC, 0x82 => 0x201A, 0x83 => 0x0192, 0x84 => 0x201E, 0x85 => 0x2026, 0x86 => 0x2020, 0x87 => 0x2021,
        0x88 => 0x02C6, 0x89 => 0x2030, 0x8A => 0x0160, 0x8B => 0x2039, 0x8C => 0x0152, 0x8E => 0x017D, 0x91 => 0x2018,
        0x92 => 0x2019, 0x93 => 0x201C, 0x94 => 0x201D, 0x95 => 0x2022, 0x96 => 0x2013, 0x97 => 0x2014, 0x98 => 0x02DC,
        0x99 => 0x2122, 0x9A => 0x0161, 0x9B => 0x203A, 0x9C => 0x0153, 0x9E => 0x017E, 0x9F => 0x0178,
    );
    $bytes = array();
    for ($i = 0x80; $i <= 0xFF; $i++) {
        $code = isset($special[$i]) ? $special[$i] : $i;
        if ($code < 0x800) {
            $c = chr(0xC0 | ($code >> 6)) . chr(0x80 | ($code & 0x3F));
        } else {
            $c = chr(0xE0 | ($code >> 12)) . chr(0x80 | (($code >> 6) & 0x3F)) . chr(0x80 | ($code & 0x3F));
        }
        $bytes[$c] = chr($i);
    }
    return $bytes;
}

/* ---- formats ---- */

/* "1.4 MB". Cut, not rounded. Sizes can be larger than an int. */
function format_size($bytes) {
    $units = array('bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB');
    $n = (float) $bytes;
    $i = 0;
    while ($n >= 1024 && $i < 6) {
        $n = $n / 1024;
        $i++;
    }
    if ($i == 0) {
        return ((int) $n) . ' bytes';
    }
    $tenths = (int) floor($n * 10);
    return ((int) floor($tenths / 10)) . '.' . ($tenths % 10) . ' ' . $units[$i];
}

/* '2011-11-11 08:30:00' => '11 Nov 2011, 08:30'; '2011-11-11' => '11 Nov 2011'; nothing or a zero date => 'unknown' */
function format_date($datetime) {
    $months = array('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec');
    if (!preg_match('/^([0-9]{4})-([0-9]{2})-([0-9]{2})(?: ([0-9]{2}:[0-9]{2}))?/', (string) $datetime, $m)) {
        return 'unknown';
    }
    $month = (int) $m[2];
    if ($m[1] == '0000' || $month < 1 || $month > 12 || $m[3] == '00') {
        return 'unknown';
    }
    $date = ((int) $m[3]) . ' ' . $months[$month - 1] . ' ' . $m[1];
    if (isset($m[4])) {
        $date .= ', ' . $m[4];
    }
    return $date;
}

function format_count($n) {
    return number_format((int) $n, 0, '.', ',');
}

/* '1 mod', '2,000 mods' */
function count_of($n, $word) {
    return format_count($n) . ' ' . $word . ($n == 1 ? '' : 's');
}

/* plain text with its line ends kept */
function text_lines($s) {
    $s = str_replace(array("\r\n", "\r"), "\n", fix_utf8($s));
    return str_replace("\n", "<br />\n", h($s));
}

function rank_name($rank) {
    if ($rank == 2) {
        return 'Administrator';
    }
    return $rank == 1 ? 'Creator' : 'Member';
}

/* ---- URLs ---- */

function site_url($path = '/') {
    $https = (isset($_SERVER['HTTPS']) && $_SERVER['HTTPS'] !== '' && $_SERVER['HTTPS'] !== 'off')
        || (isset($_SERVER['HTTP_X_FORWARDED_PROTO']) && $_SERVER['HTTP_X_FORWARDED_PROTO'] === 'https');
    $host = isset($_SERVER['HTTP_HOST']) ? $_SERVER['HTTP_HOST'] : 'localhost';
    return ($https ? 'https' : 'http') . '://' . $host . $path;
}

/* the games of the menu, by id */
function games() {
    static $games = null;
    if ($games === null) {
        $games = array();
        foreach (rows("SELECT id, domain, name, genre, released, mod_count, active FROM games ORDER BY `order`, id") as $game) {
            $games[$game['id']] = $game;
        }
    }
    return $games;
}

function mod_url($mod) {
    if (isset($mod['domain'])) {
        return '/' . $mod['domain'] . '/mods/' . $mod['id'];
    }
    $games = games();
    $domain = isset($games[$mod['game_id']]) ? $games[$mod['game_id']]['domain'] : 'unknown';
    return '/' . $domain . '/mods/' . $mod['id'];
}

function user_url($user) {
    return '/users/' . $user['id'];
}

/* users.avatar is a path below img/; nginx sends avatars/default.png for one that is not there */
function avatar_url($avatar) {
    return '/img/' . ($avatar == '' ? 'avatars/default.png' : h($avatar));
}

/* ---- leaving the page ---- */

/* absolute, as RFC 2616 wants it */
function redirect($path, $code = 302) {
    header('Location: ' . site_url($path), true, $code);
    exit;
}

/* the old scripts send only the path */
function redirect_relative($path, $code = 302) {
    header('Location: ' . $path, true, $code);
    exit;
}

/* Throws away what the page has printed so far, prints the error page and ends. $text is HTML. */
function error_page($code, $title, $text) {
    while (ob_get_level() > 0) {
        ob_end_clean();
    }
    if (!headers_sent()) {
        http_response_code($code);
    }
    page_header($title, array('class' => 'error', 'noindex' => true));
    echo '<div class="box">' . "\n";
    echo '<h1>' . h($title) . '</h1>' . "\n";
    echo '<p>' . $text . '</p>' . "\n";
    echo '<p><a href="/">Back to the home page</a></p>' . "\n";
    echo '</div>' . "\n";
    page_footer();
    exit;
}

/* ---- paging ---- */

/* $url has {page} where the number goes and is plain text, not HTML. Nothing if there is only one page. */
function paginate($total, $per_page, $page, $url) {
    $pages = (int) ceil($total / $per_page);
    if ($pages < 2) {
        return '';
    }
    $html = '<div class="pages"><span class="pages-of">Page ' . $page . ' of ' . $pages . '</span>';
    if ($page > 1) {
        $html .= ' <a rel="prev" href="' . h(str_replace('{page}', $page - 1, $url)) . '">&laquo; Previous</a>';
    }
    $last = 0;
    for ($i = 1; $i <= $pages; $i++) {
        if ($i == 3 && $page > 6) {
            $i = $page - 2;             // skip the middle, there can be thousands
        } elseif ($i == $page + 3 && $i < $pages - 1) {
            $i = $pages - 1;
        }
        if ($i > $last + 1) {
            $html .= ' <span class="gap">&hellip;</span>';
        }
        $last = $i;
        if ($i == $page) {
            $html .= ' <strong>' . $i . '</strong>';
        } else {
            $html .= ' <a href="' . h(str_replace('{page}', $i, $url)) . '">' . $i . '</a>';
        }
    }
    if ($page < $pages) {
        $html .= ' <a rel="next" href="' . h(str_replace('{page}', $page + 1, $url)) . '">Next &raquo;</a>';
    }
    return $html . '</div>' . "\n";
}

/* the page that was asked for, between 1 and the last one */
function page_number($value, $total, $per_page) {
    $pages = max(1, (int) ceil($total / $per_page));
    return max(1, min($pages, (int) $value));
}
