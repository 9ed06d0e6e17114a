<?php
/*
 * api_shapes.php - rows of the database in the shapes that the desktop application knows.
 */

// a DATETIME of ours is wall time in London, a TIMESTAMP comes in UTC; both leave as seconds and as ISO 8601
function api_seconds($datetime, $zone = '')
{
    $time = strtotime(trim("$datetime $zone"));
    return $time > 0 ? $time : 0;
}

function api_time($seconds)
{
    return date('Y-m-d\TH:i:s.000P', $seconds);
}

function api_kilobytes($bytes)
{
    return (int) ($bytes / 1024);   // some sizes are above 2^63: a float by then, and good enough
}

// full = everything; the rest of the world learns little about a mod that is hidden or removed
function api_mod($mod, $viewer_id, $full)
{
    $created = api_seconds($mod['published']) ?: api_seconds($mod['created']);
    $updated = api_seconds($mod['updated'], 'UTC');
    $shape = array();
    if ($full) {
        $shape['name'] = fix_utf8($mod['name']);
        $shape['summary'] = fix_utf8($mod['summary']);
        $shape['description'] = bbcode($mod['description']);
        if ($mod['image_id']) {
            $shape['picture_url'] = site_url("/image.php?id={$mod['image_id']}");
        }
    }
    return $shape + array(
        'mod_downloads' => (int) $mod['download_count'],
        'mod_unique_downloads' => (int) $mod['unique_downloads'],
        'uid' => (string) ($mod['game_id'] * 4294967296 + $mod['id']),
        'mod_id' => (int) $mod['id'],
        'game_id' => (int) $mod['game_id'],
        'allow_rating' => true,
        'domain_name' => $mod['domain'],
        'category_id' => (int) $mod['category_id'],
        'version' => $mod['version'],
        'endorsement_count' => (int) $mod['endorsement_count'],
        'created_timestamp' => $created,
        'created_time' => api_time($created),
        'updated_timestamp' => $updated,
        'updated_time' => api_time($updated),
        'author' => (string) $mod['username'],
        'uploaded_by' => (string) $mod['username'],
        'uploaded_users_profile_url' => site_url("/users/{$mod['user_id']}"),
        'contains_adult_content' => (bool) $mod['adult'],
        'status' => $mod['status'] === 'draft' ? 'not_published' : $mod['status'],
        'available' => $mod['status'] === 'published',
        'user' => array(
            'member_id' => (int) $mod['user_id'],
            'member_group_id' => (int) $mod['user_rank'],
            'name' => (string) $mod['username'],
        ),
        'endorsement' => api_endorsement_of($mod, $viewer_id),
    );
}

function api_endorsement_of($mod, $viewer_id)
{
    $mine = row("SELECT status, created FROM endorsements WHERE mod_id = {$mod['id']} AND user_id = $viewer_id");
    if (!$mine) {
        return array('endorse_status' => 'Undecided', 'timestamp' => null, 'version' => null);
    }
    return array('endorse_status' => api_endorse_status($mine['status']),
        'timestamp' => api_seconds($mine['created'], 'UTC'), 'version' => null);
}

function api_endorse_status($status)
{
    return $status == 1 ? 'Endorsed' : 'Abstained';
}

function api_file($file)
{
    $categories = array('main' => 1, 'update' => 2, 'optional' => 3, 'old' => 4, 'misc' => 5);
    $names = array('main' => 'MAIN', 'update' => 'UPDATE', 'optional' => 'OPTIONAL', 'old' => 'OLD_VERSION',
        'misc' => 'MISCELLANEOUS');
    $category = $file['category'];
    $uploaded = api_seconds($file['uploaded']);
    $changelog = (string) $file['changelog'];
    return array(
        'id' => array((int) $file['id'], (int) $file['game_id']),
        'uid' => (string) ($file['game_id'] * 4294967296 + $file['id']),
        'file_id' => (int) $file['id'],
        'name' => fix_utf8($file['name']),
        'version' => $file['version'],
        'category_id' => isset($categories[$category]) ? $categories[$category] : 0,
        'category_name' => isset($names[$category]) ? $names[$category] : null,
        'is_primary' => $file['primary'] == 1,
        'size' => api_kilobytes($file['size_bytes']),
        'file_name' => $file['filename'],
        'uploaded_timestamp' => $uploaded,
        'uploaded_time' => api_time($uploaded),
        'mod_version' => $file['mod_version'],
        'external_virus_scan_url' => null,
        'description' => '',
        'size_kb' => api_kilobytes($file['size_bytes']),
        'size_in_bytes' => $file['size_bytes'] + 0,
        'changelog_html' => $changelog === '' ? null : nl2br(h(fix_utf8($changelog)), false),
        'content_preview_link' => site_url("/{$file['domain']}/mods/{$file['mod_id']}#files"),
    );
}

// a file replaces the one of the same name that came before it
function api_file_updates($files)
{
    $updates = array();
    $latest = array();
    foreach ($files as $file) {
        $name = $file['name'];
        if (isset($latest[$name])) {
            $uploaded = api_seconds($file['uploaded']);
            $updates[] = array(
                'old_file_id' => (int) $latest[$name]['id'],
                'new_file_id' => (int) $file['id'],
                'old_file_name' => $latest[$name]['filename'],
                'new_file_name' => $file['filename'],
                'uploaded_timestamp' => $uploaded,
                'uploaded_time' => api_time($uploaded),
            );
        }
        $latest[$name] = $file;
    }
    return $updates;
}

// {"1.1": ["line", "line"], ...} - an object even when empty, or when the versions are 0, 1, 2
function api_changelogs($files)
{
    $logs = array();
    foreach ($files as $file) {
        foreach (preg_split('/\r\n|\r|\n/', (string) $file['changelog']) as $line) {
            if (trim($line) !== '') {
                $logs[$file['version']][] = fix_utf8(trim($line, " \t"));
            }
        }
    }
    return (object) $logs;
}

function api_game($game, $totals)
{
    $of_game = isset($totals[$game['id']]) ? $totals[$game['id']] : array('files' => 0, 'downloads' => 0);
    return array(
        'id' => (int) $game['id'],
        'name' => $game['name'],
        'forum_url' => site_url("/{$game['domain']}"),
        'nexusmods_url' => site_url("/{$game['domain']}"),
        'genre' => $game['genre'],
        'file_count' => (int) $of_game['files'],
        'downloads' => (int) $of_game['downloads'],
        'domain_name' => $game['domain'],
        'approved_date' => api_seconds($game['released']),
        'mods' => (int) $game['mod_count'],
    );
}

function api_categories($game_id)
{
    $categories = array();
    foreach (rows("SELECT * FROM categories WHERE game_id = $game_id ORDER BY id") as $category) {
        $categories[] = array(
            'category_id' => (int) $category['id'],
            'name' => $category['name'],
            'parent_category' => $category['parent_id'] ? (int) $category['parent_id'] : false,
        );
    }
    return $categories;
}

/*
 * Files and downloads of every game: array(game id => array(files, downloads)). Summing them up takes long:
 * cron keeps them in the settings, and whoever finds them missing does its work.
 */
function api_game_totals()
{
    $kept = val("SELECT `value` FROM settings WHERE `key` = 'game_totals'");
    $totals = $kept === null ? false : @unserialize($kept, array('allowed_classes' => false));
    return is_array($totals) ? $totals : recount_game_totals();
}

function recount_game_totals()
{
    $totals = array();
    $counts = rows("SELECT m.game_id, COUNT(f.id) AS files, COALESCE(SUM(f.downloads), 0) AS downloads
                      FROM mods m JOIN mod_files f ON f.mod_id = m.id WHERE m.status = 'published'
                     GROUP BY m.game_id ORDER BY m.game_id");
    foreach ($counts as $count) {
        $totals[(int) $count['game_id']] = array('files' => (int) $count['files'], 'downloads' => (int) $count['downloads']);
    }
    q("REPLACE INTO settings (`key`, `value`) VALUES ('game_totals', '" . esc(serialize($totals)) . "')");
    return $totals;
}
