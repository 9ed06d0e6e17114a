<?php
/*
 * BBCode to HTML.
 *
 *   inline  [b] [i] [u] [s] [color=red] [color=#c00] [size=1..7] [url] [url=...] [img]
 *   block   [quote] [quote=name] [code] [center] [list] [list=1] with [*], [spoiler]
 *
 * A tag that does not fit (unknown, closed without being open, a block inside bold text) stays in the text as it is.
 * Whatever is open at the end is closed.
 */

function bbcode($s) {
    $s = str_replace(array("\r\n", "\r"), "\n", fix_utf8($s));
    // a line end beside a block is not one more empty line
    $s = preg_replace('/\n*(\[\*\]|\[\/list\])/i', '$1', $s);
    $s = preg_replace('/\n(\[\/(?:quote|code|center|spoiler)\])/i', '$1', $s);
    $s = preg_replace('/(\[(?:quote|code|center|spoiler)(?:=[^\[\]\n]*)?\])\n/i', '$1', $s);
    $s = preg_replace('/(\[\/(?:quote|code|center|list|spoiler)\])\n/i', '$1', $s);
    $parts = preg_split('/(\[\/?[a-z]+(?:=[^\[\]\n]*)?\]|\[\*\])/i', h($s), -1, PREG_SPLIT_DELIM_CAPTURE);
    $html = '';
    $open = array();                                // names of the open tags, "*" is a list item
    $n = count($parts);
    for ($i = 0; $i < $n; $i++) {
        if ($i % 2 == 0) {
            $html .= bbcode_text($parts[$i], $open);
            continue;
        }
        $tag = $parts[$i];
        $top = count($open) ? $open[count($open) - 1] : '';
        if ($top == 'code' && strtolower($tag) != '[/code]') {
            $html .= $tag;
        } elseif ($tag == '[*]') {
            $html .= bbcode_item($tag, $open);
        } elseif (substr($tag, 0, 2) == '[/') {
            $html .= bbcode_close($tag, $open);
        } elseif (preg_match('/^\[(url|img)\]$/i', $tag, $m)) {
            // [url]address[/url] and [img]address[/img] take their text as the address
            if ($i + 2 < $n && strtolower($parts[$i + 2]) == '[/' . strtolower($m[1]) . ']') {
                $html .= bbcode_address(strtolower($m[1]), $parts[$i + 1], $open);
                $i += 2;
            } else {
                $html .= bbcode_text($tag, $open);
            }
        } else {
            $html .= bbcode_open($tag, $open);
        }
    }
    while (count($open)) {
        $html .= bbcode_end(array_pop($open));
    }
    return $html;
}

/* Text between tags. In a list before the first [*] there can be no text. */
function bbcode_text($text, $open) {
    $top = count($open) ? $open[count($open) - 1] : '';
    if ($top == 'code') {
        return $text;
    }
    if ($top == 'list' || $top == 'list=1') {
        return '';
    }
    return str_replace("\n", "<br />\n", $text);
}

function bbcode_open($tag, &$open) {
    $inline = array('b' => '<strong>', 'i' => '<em>', 'u' => '<span class="u">', 's' => '<del>');
    $block = array(
        'quote' => '<blockquote><div>', 'code' => '<pre><code>', 'center' => '<div class="center">',
        'list' => "<ul>\n", 'list=1' => "<ol>\n", 'spoiler' => '<div class="spoiler">',
    );
    $name = strtolower(substr($tag, 1, -1));
    $value = '';
    if ($name != 'list=1' && ($at = strpos($name, '=')) !== false) {
        $value = substr($tag, $at + 2, -1);
        $name = substr($name, 0, $at);
    }
    $top = count($open) ? $open[count($open) - 1] : '';
    if ($top != 'list' && $top != 'list=1') {
        if ($value == '' && isset($inline[$name])) {
            $open[] = $name;
            return $inline[$name];
        }
        if ($name == 'color' && preg_match('/^(#[0-9a-f]{3}|#[0-9a-f]{6}|[a-z]{3,20})$/i', $value)) {
            $open[] = 'color';
            return '<span style="color: ' . strtolower($value) . '">';
        }
        if ($name == 'size' && preg_match('/^[1-7]$/', $value)) {
            $open[] = 'size';
            return '<span class="size' . $value . '">';
        }
        if ($name == 'url' && preg_match('/^(https?:\/\/|\/)[^ \t]+$/i', $value) && !in_array('url', $open)) {
            $open[] = 'url';
            return '<a href="' . $value . '" rel="nofollow">';
        }
        if (isset($block[$name]) && ($value == '' || $name == 'quote') && !bbcode_inline_is_open($open)) {
            $open[] = $name;
            if ($name == 'quote' && $value != '') {
                return '<blockquote><div><cite>' . preg_replace('/^&quot;(.*)&quot;$/', '$1', $value) . ' wrote:</cite><br />';
            }
            return $block[$name];
        }
    }
    return bbcode_text($tag, $open);
}

/* Next item of the innermost list. Ends the item before it, and what is still open in that. */
function bbcode_item($tag, &$open) {
    $at = count($open) - 1;
    while ($at >= 0 && $open[$at] != 'list' && $open[$at] != 'list=1') {
        $at--;
    }
    if ($at < 0) {
        return $tag;
    }
    $html = '';
    while (count($open) > $at + 1) {
        $html .= bbcode_end(array_pop($open));
    }
    $open[] = '*';
    return $html . '<li>';
}

/* Closes the tag and what was opened inside it and forgotten. A list item ends only at [*] or [/list]. */
function bbcode_close($tag, &$open) {
    $name = strtolower(substr($tag, 2, -1));
    $at = -1;
    for ($i = count($open) - 1; $i >= 0; $i--) {
        if ($open[$i] == $name || ($name == 'list' && $open[$i] == 'list=1')) {
            $at = $i;
            break;
        }
        if ($open[$i] == '*' && $name != 'list') {
            break;
        }
    }
    if ($at < 0) {
        return bbcode_text($tag, $open);
    }
    $html = '';
    while (count($open) > $at) {
        $html .= bbcode_end(array_pop($open));
    }
    return $html;
}

function bbcode_end($name) {
    $ends = array(
        'b' => '</strong>', 'i' => '</em>', 'u' => '</span>', 's' => '</del>', 'color' => '</span>', 'size' => '</span>',
        'url' => '</a>', 'quote' => '</div></blockquote>', 'code' => '</code></pre>', 'center' => '</div>',
        'list' => '</ul>', 'list=1' => '</ol>', '*' => "</li>\n", 'spoiler' => '</div>',
    );
    return $ends[$name];
}

function bbcode_inline_is_open($open) {
    foreach ($open as $name) {
        if (in_array($name, array('b', 'i', 'u', 's', 'color', 'size', 'url'))) {
            return true;
        }
    }
    return false;
}

function bbcode_address($name, $address, $open) {
    $top = count($open) ? $open[count($open) - 1] : '';
    $fits = preg_match('/^(https?:\/\/|\/)[^ \t\n]+$/i', $address) && $top != 'list' && $top != 'list=1';
    if (!$fits || ($name == 'url' && in_array('url', $open))) {
        return bbcode_text('[' . $name . ']' . $address . '[/' . $name . ']', $open);
    }
    if ($name == 'url') {
        return '<a href="' . $address . '" rel="nofollow">' . $address . '</a>';
    }
    // no pictures from other sites since the incident of 2012, only a link to them
    if (substr($address, 0, 1) == '/' && substr($address, 1, 1) != '/') {
        return '<img src="' . $address . '" alt="" />';
    }
    return in_array('url', $open) ? $address : '<a href="' . $address . '" rel="nofollow">' . $address . '</a>';
}
