<?php
/*
 * cron.php - every night at four, and whenever somebody says that a counter is wrong.
 */
require dirname(__FILE__) . '/cli.php';

$help = <<<TEXT
Usage: php cron.php [--only=JOB,JOB] [--day=YYYY-MM-DD] [--batch=ROWS] [--quiet]

Jobs, all of them unless --only says which:
  counters   recount comments and endorsements of mods, mods of members and of games
  stats      downloads of a day into daily_stats (--day; otherwise yesterday and today)
  totals     files and downloads of every game, for the API
  tokens     forget expired "remember me" tokens
  usage      forget the API usage of more than 31 days ago

  --batch    mods or members to recount with one statement (10000)
  --quiet    print nothing when all is well
  --help     this text

The database is the one of MV_DB_HOST, MV_DB_PORT, MV_DB_USER, MV_DB_PASS and MV_DB_NAME.

TEXT;

function cron_say($job, $text)
{
    global $options;
    if (!isset($options['quiet'])) {
        echo str_pad($job, 10) . "$text\n";
    }
}

// one statement for every range of ids, so that the site's visitors get their turn in between
function cron_in_ranges($db, $table, $sql)
{
    global $options;
    $batch = isset($options['batch']) ? (int) $options['batch'] : 10000;
    $last = (int) cli_value($db, "SELECT MAX(id) FROM $table");
    $changed = 0;
    for ($from = 1; $from <= $last; $from += $batch) {
        cli_query($db, str_replace('{range}', "BETWEEN $from AND " . ($from + $batch - 1), $sql));
        $changed += mysqli_affected_rows($db);
    }
    return $changed;
}

// updated = updated: a recount is no update of the mod
function cron_counters($db)
{
    $comments = cron_in_ranges($db, 'mods', "UPDATE mods m
          LEFT JOIN (SELECT mod_id, COUNT(*) AS n FROM comments WHERE deleted = 0 AND mod_id {range} GROUP BY mod_id) c ON c.mod_id = m.id
           SET m.comment_count = COALESCE(c.n, 0), m.updated = m.updated
         WHERE m.id {range} AND m.comment_count <> COALESCE(c.n, 0)");
    cron_say('counters', "$comments mods had a wrong number of comments");
    $endorsements = cron_in_ranges($db, 'mods', "UPDATE mods m
          LEFT JOIN (SELECT mod_id, COUNT(*) AS n FROM endorsements WHERE status = 1 AND mod_id {range} GROUP BY mod_id) e ON e.mod_id = m.id
           SET m.endorsement_count = COALESCE(e.n, 0), m.updated = m.updated
         WHERE m.id {range} AND m.endorsement_count <> COALESCE(e.n, 0)");
    cron_say('counters', "$endorsements mods had a wrong number of endorsements");
    $members = cron_in_ranges($db, 'users', "UPDATE users u
          LEFT JOIN (SELECT user_id, COUNT(*) AS n FROM mods WHERE status = 'published' AND user_id {range} GROUP BY user_id) m ON m.user_id = u.id
           SET u.mod_count = COALESCE(m.n, 0)
         WHERE u.id {range} AND u.mod_count <> COALESCE(m.n, 0)");
    cron_say('counters', "$members members had a wrong number of mods");
    $games = cron_in_ranges($db, 'games', "UPDATE games g
          LEFT JOIN (SELECT game_id, COUNT(*) AS n FROM mods WHERE status = 'published' AND game_id {range} GROUP BY game_id) m ON m.game_id = g.id
           SET g.mod_count = COALESCE(m.n, 0)
         WHERE g.id {range} AND g.mod_count <> COALESCE(m.n, 0)");
    cron_say('counters', "$games games had a wrong number of mods");
}

function cron_stats($db)
{
    global $options;
    $days = isset($options['day']) ? array($options['day']) : array(date('Y-m-d', strtotime('-1 day')), date('Y-m-d'));
    foreach ($days as $day) {
        cli_query($db, "REPLACE INTO daily_stats (`day`, game_id, downloads, uniques, ratio)
            SELECT '$day', m.game_id, COUNT(*), COUNT(DISTINCT COALESCE(d.user_id, 0), d.ip), COUNT(DISTINCT COALESCE(d.user_id, 0), d.ip) / COUNT(*)
              FROM downloads d JOIN mod_files f ON f.id = d.file_id JOIN mods m ON m.id = f.mod_id
             WHERE d.`when` >= '$day' AND d.`when` < '$day' + INTERVAL 1 DAY GROUP BY m.game_id");
        cron_say('stats', "$day: " . cli_value($db, "SELECT COUNT(*) FROM daily_stats WHERE `day` = '$day'") . ' games');
    }
}

function cron_totals($db)
{
    $totals = array();
    $counts = cli_query($db, "SELECT m.game_id, COUNT(f.id) AS files, COALESCE(SUM(f.downloads), 0) AS downloads
                                FROM mods m JOIN mod_files f ON f.mod_id = m.id WHERE m.status = 'published'
                               GROUP BY m.game_id ORDER BY m.game_id");
    while ($count = mysqli_fetch_assoc($counts)) {
        $totals[(int) $count['game_id']] = array('files' => (int) $count['files'], 'downloads' => (int) $count['downloads']);
    }
    cli_query($db, "REPLACE INTO settings (`key`, `value`) VALUES ('game_totals', '" . serialize($totals) . "')");
    cron_say('totals', count($totals) . ' games');
}

function cron_tokens($db)
{
    cli_query($db, "DELETE FROM remember_tokens WHERE expires < NOW()");
    cron_say('tokens', mysqli_affected_rows($db) . ' forgotten');
}

function cron_usage($db)
{
    cli_query($db, "DELETE FROM api_usage WHERE `hour` < NOW() - INTERVAL 31 DAY");
    cron_say('usage', mysqli_affected_rows($db) . ' hours forgotten');
}

$options = cli_options(array('only', 'day', 'batch', 'quiet'), $help);
$all = array('counters', 'stats', 'totals', 'tokens', 'usage');
$jobs = isset($options['only']) ? explode(',', (string) $options['only']) : $all;
if (array_diff($jobs, $all)) {
    cli_fail('No such job: ' . implode(', ', array_diff($jobs, $all)) . '. There are ' . implode(', ', $all) . '.');
}
if (isset($options['day']) && !preg_match('/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/', (string) $options['day'])) {
    cli_fail('--day wants YYYY-MM-DD.');
}
if (isset($options['batch']) && (int) $options['batch'] < 1) {
    cli_fail('--batch wants a number above 0.');
}
$db = cli_connect('utf8mb4');
foreach ($jobs as $job) {
    call_user_func("cron_$job", $db);
}
cli_query($db, "REPLACE INTO settings (`key`, `value`) VALUES ('last_cron', '" . time() . "')");
