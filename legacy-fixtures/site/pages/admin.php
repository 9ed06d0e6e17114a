<?php
// Administration, for rank 2. GET: show=numbers|members|settings (members: q, p).
// POST: action=ban|unban (user_id), hide_mod (mod_id), options (registration, adult_default, max_upload_mb, rate, languages, motto)
require_once 'inc/account.php';

start_session();
$user = require_login();
if (!is_admin()) {
    error_page(403, 'Admins only', 'This page is for the team.');
}

$tabs = array('numbers' => 'Numbers', 'members' => 'Members', 'settings' => 'Settings');
$show = isset($_GET['show']) && is_string($_GET['show']) && isset($tabs[$_GET['show']]) ? $_GET['show'] : 'numbers';
$errors = array();
$options = site_options();

if (is_post()) {
    csrf_check();
    $action = post_text('action');
    if ($action == 'ban' || $action == 'unban') admin_ban($user, $action == 'ban');
    if ($action == 'hide_mod') admin_hide_mod($user, $errors);
    if ($action == 'options') admin_save_options($user, $options, $errors);
    if (!$errors) {
        flash('error', 'Unknown action.');
        redirect('/admin', 303);
    }
    $show = $action == 'options' ? 'settings' : 'numbers';
}

page_header('Administration', array('class' => 'admin', 'noindex' => true));
echo "<h1>Administration</h1>\n<ul class=\"tabs\">\n";
foreach ($tabs as $name => $label) {
    echo '<li' . ($name == $show ? ' class="on"' : '') . '><a href="/admin' . ($name == 'numbers' ? '' : '?show=' . $name) . '">' . $label . "</a></li>\n";
}
echo "</ul>\n";
form_errors($errors);
if ($show == 'numbers') admin_show_numbers($errors);
if ($show == 'members') admin_show_members($user);
if ($show == 'settings') admin_show_settings($options, $errors);
page_footer();

// ---------------------------------------------------------------------------------------------------- actions

function admin_ban($admin, $ban)
{
    $member = row("SELECT id, username, `rank` FROM users WHERE id = " . post_int('user_id'));
    $q = preg_replace('/^(.{0,40}).*$/us', '$1', post_line('q'));
    $back = '/admin?show=members' . ($q == '' ? '' : '&q=' . urlencode($q)) . (post_int('p') > 1 ? '&p=' . post_int('p') : '');
    if (!$member) {
        flash('error', 'There is no such member.');
    } elseif ($member['id'] == $admin['id'] || $member['rank'] == 2) {
        flash('error', 'Admins cannot be banned.');
    } else {
        q("UPDATE users SET banned = b'" . ($ban ? '1' : '0') . "' WHERE id = " . (int)$member['id']);
        if ($ban) q("DELETE FROM remember_tokens WHERE user_id = " . (int)$member['id']);
        log_activity($ban ? 'ban' : 'unban', (string)$member['id'], $admin['id']);
        flash('ok', $member['username'] . ($ban ? ' is banned.' : ' may come back.'));
    }
    redirect($back, 303);
}

// Unlike pages/hide.php this does not touch users.mod_count and games.mod_count. It was written first, and nobody has
// ever added it here: the counters drift by one each time.
function admin_hide_mod($admin, &$errors)
{
    $text = ltrim(post_line('mod_id'), '#');
    if ($text == '' || !preg_match('/^[0-9]{1,9}$/', $text)) {
        $errors['mod_id'] = 'Please type the number of the mod.';
        return;
    }
    $mod = row("SELECT id, name, status, game_id FROM mods WHERE id = " . (int)$text);
    if (!$mod || $mod['status'] != 'published') {
        $errors['mod_id'] = $mod ? 'Mod ' . $text . ' is ' . $mod['status'] . ' already.' : 'There is no mod ' . $text . '.';
        return;
    }
    q("UPDATE mods SET status = 'hidden' WHERE id = " . (int)$mod['id']);
    log_activity('admin_hide', (string)$mod['id'], $admin['id']);
    flash('ok', '"' . fix_utf8($mod['name']) . '" is hidden.');
    redirect('/admin', 303);
}

// What this form does not know stays in the blob.
function admin_save_options($admin, &$options, &$errors)
{
    $languages = array();
    foreach (explode(',', post_text('languages')) as $language) {
        if (trim($language) != '') $languages[] = trim($language);
    }
    $options['registration'] = !empty($_POST['registration']);
    $options['adult_default'] = post_int('adult_default');
    $options['max_upload_mb'] = post_line('max_upload_mb');
    $options['rate'] = post_line('rate');
    $options['languages'] = $languages;
    $options['motto'] = post_line('motto');
    if ($options['adult_default'] > 2) $errors['adult_default'] = 'The rating is 0, 1 or 2.';
    if (!preg_match('/^[0-9]{1,5}$/', $options['max_upload_mb'])) $errors['max_upload_mb'] = 'The upload limit is a number of megabytes.';
    if (!preg_match('/^[0-9]{1,6}([.][0-9]{1,6})?$/', $options['rate'])) $errors['rate'] = 'The rate is a number such as 0.1.';
    foreach ($languages as $language) {
        if (!preg_match('/^[a-z]{2}$/', $language)) $errors['languages'] = 'Languages are two small letters each, with commas between them.';
    }
    if (text_length($options['motto']) > 200) $errors['motto'] = 'The motto may have 200 characters at most.';
    if ($errors) return;
    $options['max_upload_mb'] = (int)$options['max_upload_mb'];
    $options['rate'] = (float)$options['rate'];
    save_site_options($options);
    log_activity('options', '', $admin['id']);
    flash('ok', 'The options are saved.');
    redirect('/admin?show=settings', 303);
}

// ---------------------------------------------------------------------------------------------------- numbers

function admin_show_numbers($errors)
{
    $numbers = array('Members' => val("SELECT COUNT(*) FROM users"), 'Banned members' => val("SELECT COUNT(*) FROM users WHERE banned = b'1'"));
    foreach (rows("SELECT status, COUNT(*) AS n FROM mods GROUP BY status ORDER BY status") as $row) {
        $numbers['Mods: ' . ($row['status'] == '' ? 'without status' : $row['status'])] = $row['n'];
    }
    $sums = row("SELECT SUM(download_count) AS downloads, SUM(endorsement_count) AS endorsements, SUM(comment_count) AS comments FROM mods");
    $numbers += array('Downloads' => $sums['downloads'], 'Endorsements' => $sums['endorsements'], 'Comments' => $sums['comments'],
        'Remembered logins' => val("SELECT COUNT(*) FROM remember_tokens"));
    echo "<div class=\"box\">\n<h2>Numbers</h2>\n<table class=\"numbers\" summary=\"Numbers\">\n";
    foreach ($numbers as $label => $number) echo '<tr><th scope="row">' . h($label) . '</th><td class="n">' . format_count($number) . "</td></tr>\n";
    echo "</table>\n<h3>Last days</h3>\n<table class=\"list\" summary=\"Downloads by day\">\n<thead><tr><th scope=\"col\">Day</th><th scope=\"col\" class=\"n\">Downloads</th>"
        . "<th scope=\"col\" class=\"n\">Unique</th></tr></thead>\n<tbody>\n";
    foreach (rows("SELECT `day`, SUM(downloads) AS downloads, SUM(uniques) AS uniques FROM daily_stats GROUP BY `day` ORDER BY `day` DESC LIMIT 7") as $row) {
        echo '<tr><td>' . format_date($row['day']) . '</td><td class="n">' . format_count($row['downloads']) . '</td><td class="n">' . format_count($row['uniques']) . "</td></tr>\n";
    }
    echo "</tbody></table>\n</div>\n<div class=\"box\">\n<h2>Hide a mod</h2>\n";
    form_open('/admin');
    echo '<p class="field"><label for="f-mod_id">Number of the mod</label> <input type="text" id="f-mod_id" name="mod_id" size="10" maxlength="10" value="' . h(post_line('mod_id')) . '"'
        . field_state($errors, 'mod_id') . " />\n<button type=\"submit\" class=\"button\" name=\"action\" value=\"hide_mod\">Hide it</button></p>\n</form>\n</div>\n";
    echo "<div class=\"box\">\n<h2>Log</h2>\n<table class=\"list\" summary=\"Latest entries\">\n<thead><tr><th scope=\"col\">Number</th><th scope=\"col\">When</th><th scope=\"col\">Member</th>"
        . "<th scope=\"col\">What</th><th scope=\"col\">Address</th><th scope=\"col\">Detail</th></tr></thead>\n<tbody>\n";
    foreach (rows("SELECT l.*, u.username FROM activity_log l LEFT JOIN users u ON u.id = l.user_id ORDER BY l.id DESC LIMIT 15") as $i => $row) {
        list($address, $detail) = admin_log_detail($row['detail']);
        echo '<tr class="' . ($i % 2 ? 'even' : 'odd') . '"><td>' . h($row['id']) . '</td><td>' . h($row['at']) . '</td><td>' . h($row['username']) . '</td><td>' . h($row['action'])
            . '</td><td>' . h($address) . '</td><td>' . h($detail) . "</td></tr>\n";
    }
    echo "</tbody></table>\n</div>\n";
}

// The address, a NUL, a text; older entries are just bytes. An IPv4 address may hold a NUL itself.
function admin_log_detail($detail)
{
    foreach (array(4, 16) as $length) {
        if (strlen($detail) > $length && $detail[$length] == "\0") {
            $text = str_replace("\0", ' ', substr($detail, $length + 1));
            if (preg_match('/^[^\x00-\x1F]*$/u', $text)) return array(inet_ntop(substr($detail, 0, $length)), $text);
        }
    }
    return array('', $detail == '' ? '' : '0x' . bin2hex($detail));
}

// ---------------------------------------------------------------------------------------------------- members

function admin_show_members($admin)
{
    $q = isset($_GET['q']) && is_string($_GET['q']) ? trim(clean_text($_GET['q'])) : '';
    $per_page = 50;
    $where = $q == '' ? '1' : "username LIKE '" . esc(addcslashes($q, '%_\\')) . "%'";
    $total = (int)val("SELECT COUNT(*) FROM users WHERE " . $where);
    $page = page_number(get_int('p'), $total, $per_page);
    $members = rows("SELECT id, username, email, `rank`, joined, last_login, mod_count, options, karma, banned + 0 AS banned FROM users
        WHERE " . $where . " ORDER BY id LIMIT " . (($page - 1) * $per_page) . ", " . $per_page);
    echo "<form class=\"find\" method=\"get\" action=\"/admin\">\n<p><input type=\"hidden\" name=\"show\" value=\"members\" /><label for=\"f-q\">Name begins with</label> "
        . '<input type="text" id="f-q" name="q" size="20" maxlength="40" value="' . h($q) . "\" /> <input type=\"submit\" class=\"button\" value=\"Find\" /></p>\n</form>\n";
    if (!$members) {
        echo "<p class=\"empty\">No member has such a name.</p>\n";
        return;
    }
    echo "<div class=\"scroll\">\n<table class=\"list\" summary=\"Members\">\n<thead><tr><th scope=\"col\">Number</th><th scope=\"col\">Name</th><th scope=\"col\">Banned</th><th scope=\"col\">E-mail</th><th scope=\"col\">Rank</th>"
        . "<th scope=\"col\">Joined</th><th scope=\"col\">Last login</th><th scope=\"col\" class=\"n\">Mods</th><th scope=\"col\" class=\"n\">Karma</th></tr></thead>\n<tbody>\n";
    $ranks = array(0 => 'member', 1 => 'creator', 2 => 'admin');
    foreach ($members as $i => $member) {
        echo '<tr class="' . ($i % 2 ? 'even' : 'odd') . ($member['banned'] ? ' banned' : '') . '"><td>' . (int)$member['id'] . '</td><td class="wide"><a href="' . h(user_url($member)) . '">' . h($member['username'])
            . '</a></td><td class="actions">';
        if ($member['rank'] == 2) {
            echo 'no';
        } else {
            form_open('/admin', 'inline');
            echo '<div><input type="hidden" name="user_id" value="' . (int)$member['id'] . '" /><input type="hidden" name="q" value="' . h($q) . '" /><input type="hidden" name="p" value="' . $page . '" />'
                . ($member['banned'] ? 'yes <button type="submit" class="link" name="action" value="unban">Lift the ban</button>'
                    : 'no <button type="submit" class="link" name="action" value="ban">Ban</button>') . '</div></form>';
        }
        echo '</td><td class="wide">' . h($member['email']) . '</td><td>' . (isset($ranks[$member['rank']]) ? $ranks[$member['rank']] : (int)$member['rank']) . '</td><td>' . format_date(substr($member['joined'], 0, 10))
            . '</td><td>' . ($member['last_login'] == '0000-00-00 00:00:00' ? 'never' : format_date(substr($member['last_login'], 0, 10))) . '</td><td class="n">' . format_count($member['mod_count'])
            . '</td><td class="n">' . h($member['karma']) . "</td></tr>\n";
    }
    echo "</tbody></table>\n</div>\n" . paginate($total, $per_page, $page, '/admin?show=members' . ($q == '' ? '' : '&q=' . urlencode($q)) . '&p={page}');
}

// ---------------------------------------------------------------------------------------------------- settings

function admin_show_settings($options, $errors)
{
    $options += array('registration' => true, 'adult_default' => 2, 'max_upload_mb' => 256, 'rate' => 0.1, 'languages' => array('en'), 'motto' => '');
    $languages = is_array($options['languages']) ? implode(', ', $options['languages']) : '';
    $texts = array('max_upload_mb' => array('Upload limit in megabytes', 8), 'rate' => array('Rate', 10), 'motto' => array('Motto', 60));
    echo "<div class=\"box\">\n<h2>Options</h2>\n";
    form_open('/admin');
    echo '<p class="field"><label class="choice" for="f-registration"><input type="checkbox" id="f-registration" name="registration" value="1"' . checked($options['registration']) . " /> New members may register</label></p>\n";
    echo '<p class="field"><label for="f-adult_default">Rating of new mods</label><input type="text" id="f-adult_default" name="adult_default" size="3" value="' . h($options['adult_default']) . '"' . field_state($errors, 'adult_default') . " /></p>\n";
    foreach ($texts as $name => $text) {
        echo '<p class="field"><label for="f-' . $name . '">' . $text[0] . '</label><input type="text" id="f-' . $name . '" name="' . $name . '" size="' . $text[1] . '" value="' . h($options[$name]) . '"' . field_state($errors, $name) . " /></p>\n";
    }
    echo '<p class="field"><label for="f-languages">Languages</label><input type="text" id="f-languages" name="languages" size="30" value="' . h($languages) . '"' . field_state($errors, 'languages') . " /></p>\n"
        . "<p class=\"buttons\"><button type=\"submit\" class=\"button\" name=\"action\" value=\"options\">Save</button></p>\n</form>\n</div>\n<div class=\"box\">\n<h2>All settings</h2>\n"
        . "<table class=\"list\" summary=\"All settings\">\n<thead><tr><th scope=\"col\">Key</th><th scope=\"col\">Kind</th><th scope=\"col\">Value</th></tr></thead>\n<tbody>\n";
    foreach (rows("SELECT `key`, `value` FROM settings ORDER BY `key`") as $i => $row) {
        $blob = $row['value'] !== null && preg_match('/^[abdisOCN][:;]/', $row['value']);
        $value = $blob ? @unserialize($row['value'], array('allowed_classes' => false)) : false;
        $kind = $row['value'] === null ? 'NULL' : (!$blob ? 'text' : ($value === false && $row['value'] != 'b:0;' ? 'blob that cannot be read' : 'blob: ' . gettype($value)));
        echo '<tr class="' . ($i % 2 ? 'even' : 'odd') . '"><td>' . h($row['key']) . '</td><td>' . $kind . '</td><td class="wide"><code>' . h($row['value']) . "</code></td></tr>\n";
    }
    echo "</tbody></table>\n</div>\n";
}
