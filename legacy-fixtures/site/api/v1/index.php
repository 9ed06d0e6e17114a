<?php
/*
 * /api/v1/... - the API of the desktop application. With or without .json at the end.
 * Everything but the anonymous feedback wants the member's key in an apikey header.
 * See API.md for calls, limits and errors.
 */
chdir(dirname(__FILE__) . '/../..');
require 'inc/conditional.php';
without_session();
require 'inc/common.php';
require 'inc/archives.php';
require 'inc/api_shapes.php';
require 'inc/api_feedback.php';

function api_answer($data, $code = 200)
{
    // the application parses every answer: a stray byte of an old row must not break it
    $json = json_encode($data, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    http_response_code($code);
    header('Content-Type: application/json; charset=utf-8');
    header('Cache-Control: max-age=0, private, must-revalidate');
    header('Content-Length: ' . strlen($json));
    if ($_SERVER['REQUEST_METHOD'] !== 'HEAD') {
        echo $json;
    }
    exit;
}

function api_fail($code, $message)
{
    api_answer(array('code' => $code, 'message' => $message), $code);
}

// --- who asks, and how often ---

function api_member()
{
    $key = isset($_SERVER['HTTP_APIKEY']) ? $_SERVER['HTTP_APIKEY'] : '';
    $known = preg_match('/^[0-9A-Za-z]{1,40}$/', $key) === 1;
    $member = $known ? row("SELECT * FROM users WHERE api_key = '$key' AND banned = b'0'") : null;
    if (!$member) {
        api_answer(array('message' => 'Please provide a valid API Key'), 401);
    }
    return $member;
}

function api_limits()
{
    $limits = @unserialize((string) val("SELECT `value` FROM settings WHERE `key` = 'api_limits'"), array('allowed_classes' => false));
    $usual = array('hourly' => 100, 'daily' => 2500, 'unlimited' => array());
    return is_array($limits) ? $limits + $usual : $usual;
}

// the hourly allowance is for those who have used up the day's
function api_count_request($member)
{
    $now = time();
    $hour = gmdate('Y-m-d H:00:00', $now);
    $day = gmdate('Y-m-d 00:00:00', $now);
    q("INSERT INTO api_usage (user_id, `hour`, requests) VALUES ({$member['id']}, '$hour', 1)
       ON DUPLICATE KEY UPDATE requests = requests + 1");
    $used = row("SELECT SUM(requests) AS today, SUM(IF(`hour` = '$hour', requests, 0)) AS this_hour
                   FROM api_usage WHERE user_id = {$member['id']} AND `hour` >= '$day'");
    $limits = api_limits();
    $daily = (int) $limits['daily'];
    $hourly = (int) $limits['hourly'];
    $next_hour = $now - $now % 3600 + 3600;
    header("x-rl-hourly-limit: $hourly");
    header('x-rl-hourly-remaining: ' . max(0, $hourly - $used['this_hour']));
    header('x-rl-hourly-reset: ' . gmdate('Y-m-d\TH:i:s+00:00', $next_hour));
    header("x-rl-daily-limit: $daily");
    header('x-rl-daily-remaining: ' . max(0, $daily - $used['today']));
    header('x-rl-daily-reset: ' . gmdate('Y-m-d H:i:s +0000', $now - $now % 86400 + 86400));
    $limited = !in_array($member['id'], (array) $limits['unlimited']);
    if ($limited && $used['today'] > $daily && $used['this_hour'] > $hourly) {
        header('Retry-After: ' . ($next_hour - $now));
        api_fail(429, 'You have exceeded your rate limit. Please wait until the next hour.');
    }
}

function api_is_premium($member)
{
    return $member['rank'] >= 1;
}

// --- what is asked for ---

function api_path()
{
    $path = (string) parse_url('http://x' . $_SERVER['REQUEST_URI'], PHP_URL_PATH);
    $path = preg_replace('~^.*?/api/v1(/index\.php)?/?~', '', $path);
    $path = preg_replace('~\.json$~', '', rtrim($path, '/'));
    return $path === '' ? array() : array_map('rawurldecode', explode('/', $path));
}

// JSON as the application sends it; forms as everybody else does
function api_input()
{
    $json = json_decode((string) file_get_contents('php://input'), true);
    return is_array($json) ? $json : $_POST;
}

function api_number($value)
{
    $value = is_int($value) ? (string) $value : $value;
    return is_string($value) && strlen($value) <= 10 && ctype_digit($value) ? (int) $value : 0;
}

function api_require_game($domain)
{
    $known = is_string($domain) && preg_match('/^[0-9a-z]{1,40}$/i', $domain) === 1;
    $game = $known ? row("SELECT * FROM games WHERE domain = '$domain'") : null;
    if (!$game) {
        api_fail(404, 'No Game Found: ' . (is_string($domain) ? $domain : ''));
    }
    return $game;
}

function api_select_mods($where)
{
    return rows("SELECT m.*, g.domain, u.username, u.`rank` AS user_rank,
                        (SELECT i.id FROM mod_images i WHERE i.mod_id = m.id ORDER BY i.`position`, i.id LIMIT 1) AS image_id
                   FROM mods m JOIN games g ON g.id = m.game_id LEFT JOIN users u ON u.id = m.user_id WHERE $where");
}

function api_is_staff($mod, $member)
{
    return $mod['user_id'] == $member['id'] || $member['rank'] == 2;
}

// a draft is nobody's business; hidden and removed mods are there, but tell little
function api_require_mod($game, $id, $member)
{
    $found = api_select_mods('m.id = ' . api_number($id) . " AND m.game_id = {$game['id']}");
    if (!$found || ($found[0]['status'] === 'draft' && !api_is_staff($found[0], $member))) {
        api_fail(404, "Mod not found: $id");
    }
    return $found[0];
}

function api_require_open_mod($game, $id, $member)
{
    $mod = api_require_mod($game, $id, $member);
    if ($mod['status'] !== 'published' && !api_is_staff($mod, $member)) {
        api_fail(403, "Mod not available: $id");
    }
    return $mod;
}

function api_select_files($where)
{
    return rows("SELECT f.*, m.version AS mod_version, m.game_id, g.domain
                   FROM mod_files f JOIN mods m ON m.id = f.mod_id JOIN games g ON g.id = m.game_id
                  WHERE $where ORDER BY f.uploaded, f.id");
}

function api_require_file($mod, $id)
{
    $found = api_select_files('f.id = ' . api_number($id) . " AND f.mod_id = {$mod['id']}");
    if (!$found) {
        api_fail(404, "No File found for mod {$mod['id']}: $id");
    }
    return $found[0];
}

// --- /users, /user ---

function api_validate($member)
{
    api_answer(array(
        'user_id' => (int) $member['id'],
        'key' => $member['api_key'],
        'name' => $member['username'],
        'is_premium?' => api_is_premium($member),   // with the question mark since 2011, some read it
        'is_supporter?' => $member['karma'] > 0,
        'email' => $member['email'],
        'profile_url' => site_url("/users/{$member['id']}"),
        'is_supporter' => $member['karma'] > 0,
        'is_premium' => api_is_premium($member),
    ));
}

function api_tracked_mods($member)
{
    $list = array();
    foreach (rows("SELECT t.mod_id, g.domain FROM tracked_mods t JOIN mods m ON m.id = t.mod_id JOIN games g ON g.id = m.game_id
                    WHERE t.user_id = {$member['id']} ORDER BY t.mod_id") as $row) {
        $list[] = array('mod_id' => (int) $row['mod_id'], 'domain_name' => $row['domain']);
    }
    api_answer($list);
}

function api_tracked_mod_of_input($member)
{
    $input = api_input();
    $id = api_number(isset($input['mod_id']) ? $input['mod_id'] : null);
    if (!$id || !isset($input['domain_name'])) {
        api_fail(422, 'mod_id and domain_name are required');
    }
    return api_require_mod(api_require_game($input['domain_name']), $id, $member);
}

function api_track($member)
{
    $mod = api_tracked_mod_of_input($member);
    q("INSERT IGNORE INTO tracked_mods (user_id, mod_id) VALUES ({$member['id']}, {$mod['id']})");
    if (db()->affected_rows < 1) {
        api_answer(array('message' => "User {$member['id']} is already Tracking Mod: {$mod['id']}"));
    }
    api_answer(array('message' => "User {$member['id']} is now Tracking Mod: {$mod['id']}"), 201);
}

function api_untrack($member)
{
    $mod = api_tracked_mod_of_input($member);
    q("DELETE FROM tracked_mods WHERE user_id = {$member['id']} AND mod_id = {$mod['id']}");
    if (db()->affected_rows < 1) {
        api_fail(404, "User {$member['id']} is not tracking mod {$mod['id']}.");
    }
    api_answer(array('message' => "User {$member['id']} is no longer tracking Mod: {$mod['id']}"));
}

function api_endorsements($member)
{
    $list = array();
    foreach (rows("SELECT e.*, m.version, g.domain FROM endorsements e JOIN mods m ON m.id = e.mod_id
                     JOIN games g ON g.id = m.game_id WHERE e.user_id = {$member['id']} ORDER BY e.mod_id") as $row) {
        $list[] = array('mod_id' => (int) $row['mod_id'], 'domain_name' => $row['domain'],
            'date' => api_seconds($row['created'], 'UTC'), 'version' => $row['version'],
            'status' => api_endorse_status($row['status']));
    }
    api_answer($list);
}

// --- /games ---

function api_games()
{
    $totals = api_game_totals();
    $list = array();
    foreach (rows("SELECT * FROM games WHERE active = 1 ORDER BY `order`, id") as $game) {
        $list[] = api_game($game, $totals);
    }
    api_answer($list);
}

function api_game_info($game)
{
    api_answer(api_game($game, api_game_totals()) + array('categories' => api_categories($game['id'])));
}

function api_mod_list($game, $member, $kind)
{
    $published = "m.game_id = {$game['id']} AND m.status = 'published'";
    $lists = array(
        'latest_added' => "$published ORDER BY m.published DESC, m.id DESC LIMIT 10",
        'latest_updated' => "$published ORDER BY m.updated DESC, m.id DESC LIMIT 10",
        'trending' => "$published AND m.id IN (SELECT id FROM (SELECT id FROM mods m WHERE $published
                       ORDER BY m.published DESC, m.id DESC LIMIT 200) AS recent)
                       ORDER BY m.endorsement_count DESC, m.id DESC LIMIT 10",
    );
    $list = array();
    foreach (api_select_mods($lists[$kind]) as $mod) {
        $list[] = api_mod($mod, $member['id'], true);
    }
    api_answer($list);
}

function api_updated($game)
{
    $periods = array('1d' => 86400, '1w' => 604800, '1m' => 2592000);
    $period = isset($_GET['period']) && is_string($_GET['period']) ? $_GET['period'] : '';
    if (!isset($periods[$period])) {
        api_fail(422, 'Invalid period. Please choose from 1d, 1w or 1m');
    }
    $since = gmdate('Y-m-d H:i:s', time() - $periods[$period]);
    $list = array();
    foreach (rows("SELECT m.id, m.updated, (SELECT MAX(uploaded) FROM mod_files f WHERE f.mod_id = m.id) AS file_updated
                     FROM mods m WHERE m.updated >= '$since' AND m.game_id = {$game['id']} AND m.status = 'published'
                    ORDER BY m.id") as $mod) {
        $list[] = array('mod_id' => (int) $mod['id'], 'latest_file_update' => api_seconds($mod['file_updated']),
            'latest_mod_activity' => api_seconds($mod['updated'], 'UTC'));
    }
    api_answer($list);
}

function api_md5_search($game, $member, $hash)
{
    if (!preg_match('/^[0-9a-f]{32}$/i', $hash)) {
        api_fail(422, 'Invalid MD5 hash');
    }
    $results = array();
    foreach (api_select_files("f.md5 = '" . strtolower($hash) . "' AND m.game_id = {$game['id']} AND m.status = 'published'") as $file) {
        $mods = api_select_mods("m.id = {$file['mod_id']}");
        $results[] = array('mod' => api_mod($mods[0], $member['id'], true),
            'file_details' => api_file($file) + array('md5' => $file['md5']));
    }
    if (!$results) {
        api_fail(404, "No files found for md5 hash: $hash");
    }
    api_answer($results);
}

function api_mod_info($game, $member, $id)
{
    $mod = api_require_mod($game, $id, $member);
    api_answer(api_mod($mod, $member['id'], $mod['status'] === 'published' || api_is_staff($mod, $member)));
}

function api_files($mod)
{
    $wanted = isset($_GET['category']) && is_string($_GET['category']) ? explode(',', $_GET['category']) : array();
    $files = api_select_files("f.mod_id = {$mod['id']}");
    $list = array();
    foreach ($files as $file) {
        if (!$wanted || in_array($file['category'] === 'old' ? 'old_version' : $file['category'], $wanted, true)) {
            $list[] = api_file($file);
        }
    }
    api_answer(array('files' => $list, 'file_updates' => api_file_updates($files)));
}

function api_download_link($mod, $member, $id)
{
    $file = api_require_file($mod, $id);
    $expires = link_expiry(time());
    if (isset($_GET['key']) || isset($_GET['expires'])) {
        $given = api_number(isset($_GET['expires']) ? $_GET['expires'] : null);
        $key = isset($_GET['key']) && is_string($_GET['key']) ? $_GET['key'] : '';
        if (!hash_equals(link_signature('nxm', $file['id'], $member['id'], $given), $key)) {
            api_fail(400, "Provided key and expire time isn't correct for this user/file.");
        }
        if ($given < time()) {
            api_fail(410, 'This download link has expired. Please visit the mod page again to get a new one.');
        }
        $expires = $given;
    } elseif (!api_is_premium($member)) {
        api_fail(403, "You don't have permission to get download links from the API without visiting the site: "
            . 'this is for premium users only.');
    }
    api_answer(array(array('name' => 'ModVault', 'short_name' => 'Vault',
        'URI' => signed_link($file['id'], $member['id'], $expires))));
}

function api_endorse($game, $member, $id, $endorse)
{
    $mod = api_require_open_mod($game, $id, $member);
    if ($mod['user_id'] == $member['id']) {
        api_fail(403, 'IS_OWN_MOD');
    }
    if ($mod['status'] !== 'published') {
        api_fail(403, "Mod not available: $id");
    }
    // the same statements as in ajax.php: the triggers count
    if ($endorse) {
        q("INSERT INTO endorsements (mod_id, user_id, status) VALUES ({$mod['id']}, {$member['id']}, 1)
           ON DUPLICATE KEY UPDATE status = 1");
    } else {
        q("UPDATE endorsements SET status = 2 WHERE mod_id = {$mod['id']} AND user_id = {$member['id']}");
    }
    $status = api_endorse_status($endorse ? 1 : 2);
    api_answer(array('message' => "Updated to: $status", 'status' => $status));
}

function api_colour_schemes()
{
    $schemes = array();
    foreach (array(array('Parchment', '#c0a062', '#8a6d3b', '#4e3d20'), array('Frost', '#7fb3d5', '#2e6da4', '#1b3f60'),
        array('Ember', '#d98e4a', '#b3541e', '#6b2f0e')) as $i => $colours) {
        $schemes[] = array('id' => $i + 1, 'name' => $colours[0], 'primary_colour' => $colours[1],
            'secondary_colour' => $colours[2], 'darker_colour' => $colours[3]);
    }
    api_answer($schemes);
}

// --- the table of calls ---

// /games/DOMAIN/mods/ID/...
function api_route_mod($method, $game, $member, $id, $rest)
{
    if ($method === 'POST' && ($rest === array('endorse') || $rest === array('abstain'))) {
        api_endorse($game, $member, $id, $rest[0] === 'endorse');
    }
    if ($method !== 'GET') {
        return;
    }
    if (!$rest) {
        api_mod_info($game, $member, $id);
    }
    if ($rest === array('changelogs')) {
        $mod = api_require_open_mod($game, $id, $member);
        api_answer(api_changelogs(api_select_files("f.mod_id = {$mod['id']}")));
    }
    if ($rest === array('files')) {
        api_files(api_require_open_mod($game, $id, $member));
    }
    if ($rest[0] === 'files' && count($rest) === 2) {
        api_answer(api_file(api_require_file(api_require_open_mod($game, $id, $member), $rest[1])));
    }
    if ($rest[0] === 'files' && count($rest) === 3 && $rest[2] === 'download_link') {
        api_download_link(api_require_open_mod($game, $id, $member), $member, $rest[1]);
    }
}

// /games/...
function api_route_games($method, $path, $member)
{
    if (count($path) === 1 && $method === 'GET') {
        api_games();
    }
    if (count($path) === 1) {
        return;
    }
    $game = api_require_game($path[1]);
    if (count($path) === 2 && $method === 'GET') {
        api_game_info($game);
    }
    if (count($path) < 4 || $path[2] !== 'mods') {
        return;
    }
    if ($method === 'GET' && count($path) === 4 && in_array($path[3], array('latest_added', 'latest_updated', 'trending'), true)) {
        api_mod_list($game, $member, $path[3]);
    }
    if ($method === 'GET' && count($path) === 4 && $path[3] === 'updated') {
        api_updated($game);
    }
    if ($method === 'GET' && count($path) === 5 && $path[3] === 'md5_search') {
        api_md5_search($game, $member, $path[4]);
    }
    if (api_number($path[3])) {
        api_route_mod($method, $game, $member, $path[3], array_slice($path, 4));
    }
}

function api_route($method, $path, $member)
{
    switch ("$method " . implode('/', $path)) {
        case 'GET users/validate':
            api_validate($member);
        case 'GET user/tracked_mods':
            api_tracked_mods($member);
        case 'POST user/tracked_mods':
            api_track($member);
        case 'DELETE user/tracked_mods':
            api_untrack($member);
        case 'GET user/endorsements':
            api_endorsements($member);
        case 'GET colourschemes':
            api_colour_schemes();
        case 'GET feedbacks/list_user_issues':
            api_own_issues($member);
        case 'POST feedbacks':
            api_feedback($member);
    }
    if ($path && $path[0] === 'games') {
        api_route_games($method, $path, $member);
    }
    api_answer(array('message' => 'Not Found'), 404);
}

$path = api_path();
$method = $_SERVER['REQUEST_METHOD'] === 'HEAD' ? 'GET' : $_SERVER['REQUEST_METHOD'];
if ($method === 'POST' && $path === array('feedbacks', 'anonymous')) {
    api_feedback(null);
}
$member = api_member();
api_count_request($member);
api_route($method, $path, $member);
