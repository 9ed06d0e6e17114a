<?php
/* Database. Inline SQL everywhere: whatever comes from outside goes through esc() or (int). */

function db() {
    static $db = null;
    if ($db !== null) {
        return $db;
    }
    mysqli_report(MYSQLI_REPORT_OFF);
    $db = @mysqli_connect(
        getenv('MV_DB_HOST') ?: '127.0.0.1',
        getenv('MV_DB_USER') ?: 'root',
        (string) getenv('MV_DB_PASS'),
        getenv('MV_DB_NAME') ?: 'modvault',
        (int) (getenv('MV_DB_PORT') ?: 3306)
    );
    if (!$db) {
        $db = null;
        database_down('Could not connect to the database.', mysqli_connect_error());
    }
    mysqli_set_charset($db, 'utf8mb4');
    mysqli_query($db, "SET time_zone = '+00:00', sql_mode = ''");
    return $db;
}

/* Runs a query; the visitor gets the error page when it fails. */
function q($sql) {
    $result = mysqli_query(db(), $sql);
    if ($result === false) {
        database_down('The database did not understand us.', mysqli_error(db()));
    }
    return $result;
}

/* first row or null */
function row($sql) {
    $result = q($sql);
    $row = mysqli_fetch_assoc($result);
    mysqli_free_result($result);
    return $row ? $row : null;
}

function rows($sql) {
    $result = q($sql);
    $rows = array();
    while ($row = mysqli_fetch_assoc($result)) {
        $rows[] = $row;
    }
    mysqli_free_result($result);
    return $rows;
}

/* first column of the first row, or null */
function val($sql) {
    $result = q($sql);
    $row = mysqli_fetch_row($result);
    mysqli_free_result($result);
    return $row ? $row[0] : null;
}

function esc($s) {
    return mysqli_real_escape_string(db(), (string) $s);
}

/* No header.php here: the header reads the database, too. */
function database_down($text, $detail) {
    error_log('ModVault database: ' . $detail);
    while (ob_get_level() > 0) {
        ob_end_clean();
    }
    if (!headers_sent()) {
        header('HTTP/1.1 503 Service Unavailable');
        header('Content-Type: text/html; charset=UTF-8');
        header('Retry-After: 30');
    }
    echo '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">' . "\n";
    echo '<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><title>ModVault is down</title></head>' . "\n";
    echo '<body><h1>ModVault is taking a short rest</h1><p>' . h($text) . ' Please try again in a minute.</p></body></html>' . "\n";
    exit;
}
