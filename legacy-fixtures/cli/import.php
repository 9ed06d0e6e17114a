<?php
/*
 * import.php - mods of other sites, out of import_queue.
 *
 * Written in 2009, when the database was latin1, and it still says so to MySQL: every text that it writes is UTF-8
 * that MySQL takes for latin1 and encodes once more. The site repairs that when it shows them (fix_utf8), so
 * nobody has dared to touch this.
 */
require dirname(__FILE__) . '/cli.php';

$help = <<<TEXT
Usage: php import.php [--file=FILE] [--limit=N] [--status=published|draft] [--dry-run] [--quiet]

Imports the mods that wait in import_queue (state "new"), oldest first. One mod is a JSON object:
  {"name": "...", "game": "skyrim", "author": "...", "summary": "...", "description": "...", "version": "1.0",
   "category": "...", "tags": ["..."],
   "files": [{"name": "...", "filename": "...", "version": "...", "size": 1, "md5": "...", "changelog": "..."}],
   "comments": [{"author": "...", "body": "...", "created": "2009-01-01 12:00:00"}]}
name and game are needed. What cannot be imported gets the state "failed".

  --file     put the mods of this file into the queue first: one object, a list, or one object on each line
  --limit    import so many at most
  --status   what imported mods are (published)
  --dry-run  only say what would be imported
  --quiet    print nothing when all is well
  --help     this text

The database is the one of MV_DB_HOST, MV_DB_PORT, MV_DB_USER, MV_DB_PASS and MV_DB_NAME.

TEXT;

function import_say($text)
{
    global $options;
    if (!isset($options['quiet'])) {
        echo "$text\n";
    }
}

function text_of($data, $name, $otherwise = '')
{
    return isset($data[$name]) && is_scalar($data[$name]) && !is_bool($data[$name]) ? (string) $data[$name] : $otherwise;
}

function list_of($data, $name)
{
    return isset($data[$name]) && is_array($data[$name]) ? $data[$name] : array();
}

function quoted($db, $text)
{
    return "'" . mysqli_real_escape_string($db, $text) . "'";
}

function read_mods($path)
{
    $text = is_file($path) ? file_get_contents($path) : cli_fail("No such file: $path");
    $data = json_decode($text, true);
    if (is_array($data)) {
        return isset($data['name']) ? array($data) : $data;
    }
    $mods = array();
    foreach (preg_split('/\R/', $text, -1, PREG_SPLIT_NO_EMPTY) as $number => $line) {
        $mod = json_decode($line, true);
        if (!is_array($mod)) {
            cli_fail("$path, line " . ($number + 1) . ': no JSON object');
        }
        $mods[] = $mod;
    }
    return $mods;
}

function enqueue($db, $path)
{
    $mods = read_mods($path);
    foreach ($mods as $mod) {
        $json = json_encode($mod, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE);
        cli_query($db, "INSERT INTO import_queue (source, payload) VALUES (" . quoted($db, substr(basename($path), 0, 80)) . ",
            CONVERT(X'" . bin2hex($json) . "' USING utf8mb4))");
    }
    import_say(count($mods) . " mods of $path are in the queue");
}

// members that are not here yet get an account that nobody can log in to
function import_member($db, $name)
{
    $id = cli_value($db, 'SELECT id FROM users WHERE username = ' . quoted($db, $name));
    if ($id === null) {
        cli_query($db, 'INSERT INTO users (username, email, password, `rank`) VALUES (' . quoted($db, $name) . ", '', '!', 1)");
        $id = mysqli_insert_id($db);
    }
    return (int) $id;
}

function import_tags($db, $mod_id, $tags)
{
    foreach ($tags as $tag) {
        if (is_string($tag) && trim($tag) !== '') {
            cli_query($db, 'INSERT IGNORE INTO tags (name) VALUES (' . quoted($db, trim($tag)) . ')');
            cli_query($db, "INSERT IGNORE INTO mod_tags (mod_id, tag_id) SELECT $mod_id, id FROM tags WHERE name = " . quoted($db, trim($tag)));
        }
    }
}

function import_files($db, $mod_id, $files)
{
    $primary = 1;
    foreach ($files as $file) {
        $size = text_of($file, 'size', '0');
        cli_query($db, "INSERT INTO mod_files (mod_id, name, filename, version, size_bytes, md5, changelog, `primary`) VALUES ($mod_id, "
            . quoted($db, text_of($file, 'name', 'Main file')) . ', ' . quoted($db, text_of($file, 'filename', "mod$mod_id.zip")) . ', '
            . quoted($db, text_of($file, 'version', '1.0')) . ', ' . (ctype_digit($size) ? $size : 0) . ', '
            . quoted($db, text_of($file, 'md5')) . ', ' . quoted($db, text_of($file, 'changelog')) . ", b'$primary')");
        $primary = 0;
    }
}

function import_comments($db, $mod_id, $comments)
{
    foreach ($comments as $comment) {
        $user_id = import_member($db, text_of($comment, 'author', 'Archive'));
        cli_query($db, "INSERT INTO comments (mod_id, user_id, body, created) VALUES ($mod_id, $user_id, "
            . quoted($db, text_of($comment, 'body')) . ', ' . quoted($db, text_of($comment, 'created')) . ')');
    }
}

// returns what is wrong with it, or '' when the mod is in
function import_mod($db, $payload)
{
    global $options;
    $mod = json_decode((string) $payload, true);
    if (!is_array($mod) || text_of($mod, 'name') === '') {
        return 'no name';
    }
    $game_id = cli_value($db, 'SELECT id FROM games WHERE domain = ' . quoted($db, preg_replace('/[^a-z0-9]/i', '_', text_of($mod, 'game'))));
    if ($game_id === null) {
        return 'no such game: ' . text_of($mod, 'game');
    }
    if (isset($options['dry-run'])) {
        return '';
    }
    $user_id = import_member($db, text_of($mod, 'author', 'Archive'));
    $category_id = (int) cli_value($db, "SELECT id FROM categories WHERE game_id = $game_id AND name = " . quoted($db, text_of($mod, 'category')));
    // no dates: created and published stay 0000-00-00 (they never told us when)
    cli_query($db, "INSERT INTO mods (game_id, category_id, user_id, name, summary, description, version, status, published) VALUES (
        $game_id, $category_id, $user_id, " . quoted($db, text_of($mod, 'name')) . ', ' . quoted($db, text_of($mod, 'summary')) . ', '
        . quoted($db, text_of($mod, 'description')) . ', ' . quoted($db, text_of($mod, 'version', '1.0')) . ', '
        . quoted($db, isset($options['status']) ? $options['status'] : 'published') . ", '0000-00-00 00:00:00')");
    $mod_id = mysqli_insert_id($db);
    import_tags($db, $mod_id, list_of($mod, 'tags'));
    import_files($db, $mod_id, list_of($mod, 'files'));
    import_comments($db, $mod_id, list_of($mod, 'comments'));
    return '';
}

$options = cli_options(array('file', 'limit', 'status', 'dry-run', 'quiet'), $help);
$limit = isset($options['limit']) ? (int) $options['limit'] : 1000000;
if (isset($options['status']) && !in_array($options['status'], array('published', 'draft'), true)) {
    cli_fail('--status is published or draft.');
}
if ($limit < 1) {
    cli_fail('--limit wants a number above 0.');
}
$db = cli_connect('latin1');
if (isset($options['file'])) {
    enqueue($db, (string) $options['file']);
}
// as bytes: MySQL would make question marks of what latin1 does not have
$waiting = cli_query($db, "SELECT id, CAST(payload AS BINARY) AS payload FROM import_queue WHERE state = 'new' ORDER BY id LIMIT $limit");
$imported = 0;
$failed = 0;
while ($job = mysqli_fetch_assoc($waiting)) {
    mysqli_begin_transaction($db);
    $problem = import_mod($db, $job['payload']);
    if (!isset($options['dry-run'])) {
        cli_query($db, "UPDATE import_queue SET state = '" . ($problem === '' ? 'done' : 'failed') . "' WHERE id = {$job['id']}");
    }
    mysqli_commit($db);
    if ($problem === '') {
        $imported++;
    } else {
        $failed++;
        import_say("{$job['id']}: $problem");
    }
}
import_say((isset($options['dry-run']) ? 'would import ' : 'imported ') . "$imported, failed $failed");
