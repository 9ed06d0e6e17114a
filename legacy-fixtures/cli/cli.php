<?php
/*
 * cli.php - for the scripts of this folder: no pages here, errors go to stderr and into the exit code.
 */
if (PHP_SAPI !== 'cli') {
    exit("This runs on the command line only.\n");
}
ini_set('display_errors', 'stderr');
date_default_timezone_set('Europe/London');
require dirname(__FILE__) . '/../site/inc/common.php';

// --name=value and --name; --help or anything unknown prints the help
function cli_options($known, $help)
{
    global $argv;
    $options = array();
    foreach (array_slice($argv, 1) as $argument) {
        if (!preg_match('/^--([a-z-]+)(?:=(.*))?$/s', $argument, $m) || (!in_array($m[1], $known, true) && $m[1] !== 'help')) {
            fwrite(STDERR, "Unknown option: $argument\n\n$help");
            exit(2);
        }
        if ($m[1] === 'help') {
            echo $help;
            exit(0);
        }
        $options[$m[1]] = isset($m[2]) ? $m[2] : true;
    }
    return $options;
}

function cli_fail($message)
{
    fwrite(STDERR, "$message\n");
    exit(1);
}

// a connection of our own: db() answers with a page when something is wrong
function cli_connect($charset)
{
    mysqli_report(MYSQLI_REPORT_OFF);
    $db = @mysqli_connect(getenv('MV_DB_HOST') ?: '127.0.0.1', getenv('MV_DB_USER') ?: 'root', (string) getenv('MV_DB_PASS'),
        getenv('MV_DB_NAME') ?: 'modvault', (int) (getenv('MV_DB_PORT') ?: 3306));
    if (!$db) {
        cli_fail('No connection to the database: ' . mysqli_connect_error() . '. Are MV_DB_HOST, MV_DB_PORT and MV_DB_NAME set?');
    }
    mysqli_set_charset($db, $charset);
    mysqli_query($db, "SET time_zone = '+00:00', sql_mode = ''");
    return $db;
}

function cli_query($db, $sql)
{
    $result = mysqli_query($db, $sql);
    if ($result === false) {
        cli_fail('Query failed: ' . mysqli_error($db));
    }
    return $result;
}

function cli_value($db, $sql)
{
    $row = mysqli_fetch_row(cli_query($db, $sql));
    return $row ? $row[0] : null;
}
