<?php
/* Lists of mods, for the home page, the game pages, search and profiles. */

define('MODS_PER_PAGE', 20);

/* the columns mod_list() needs; FROM mods m LEFT JOIN users u */
function mod_columns() {
    return 'm.id, m.game_id, m.name, m.summary, m.version, m.adult, m.status, m.endorsement_count, m.download_count,
        m.published, m.user_id, u.username';
}

function mod_list($mods, $show_game = true) {
    if (!$mods) {
        return;
    }
    $games = games();
    echo '<ul class="mods">' . "\n";
    foreach ($mods as $i => $mod) {
        $url = mod_url($mod);
        $class = $i == 0 ? 'first' : ($i == count($mods) - 1 ? 'last' : '');
        echo '<li' . ($class != '' ? ' class="' . $class . '"' : '') . '>';
        echo '<a class="thumb" href="' . $url . '"><img src="/image.php?mod=' . $mod['id'] . '&amp;size=thumb" width="120" height="67" alt="" /></a>' . "\n";
        echo '<div class="text"><h3><a href="' . $url . '">' . h(fix_utf8($mod['name'])) . '</a> <span class="version">' . h($mod['version']) . '</span>';
        if ($mod['adult'] == 1) {
            echo ' <span class="badge adult">Adult</span>';
        }
        if ($mod['status'] != 'published') {
            echo ' <span class="badge">' . h($mod['status']) . '</span>';
        }
        echo '</h3>' . "\n" . '<p>' . h(fix_utf8($mod['summary'])) . '</p>' . "\n";
        echo '<p class="meta">';
        if ($mod['username'] !== null) {
            echo 'by <a href="/users/' . $mod['user_id'] . '">' . h($mod['username']) . '</a> ';
        }
        if ($show_game && isset($games[$mod['game_id']])) {
            echo 'for <a href="/' . $games[$mod['game_id']]['domain'] . '">' . h($games[$mod['game_id']]['name']) . '</a> ';
        }
        echo '| ' . format_date($mod['published']) . ' | ' . count_of($mod['endorsement_count'], 'endorsement') . ' | '
            . count_of($mod['download_count'], 'download') . '</p></div></li>' . "\n";
    }
    echo '</ul>' . "\n";
}
