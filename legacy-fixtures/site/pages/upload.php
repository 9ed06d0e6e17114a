<?php
// Upload wizard. What has been entered waits in $_SESSION['upload'] until it is published; files wait in MV_STORAGE/uploads/.
//
//   GET  /upload?step=N     shows step N, if the steps before it are done
//   GET  /upload?preview=I  a screenshot that is waiting
//   POST /upload?step=N     action=next|back|cancel (4: add; 5: publish, draft), then 303
//
// $_SESSION['upload']: step (the furthest that may be shown), started (float), game_id, name, category_id, details, file,
// archive (or null), screens
require_once 'inc/account.php';
require_once 'inc/upload.php';

define('STEPS', 5);

start_session();
$user = require_login();
$errors = array();
$step = get_int('step');

if (isset($_GET['preview'])) {
    wizard_preview(get_int('preview'));
}

if (is_post()) {
    if (post_was_too_large() && isset($_SESSION['upload'])) {
        flash('error', 'That was too much: one upload may have ' . format_size(archive_bytes_max()) . '.');
        redirect('/upload?step=' . min(max($step, 1), $_SESSION['upload']['step']), 303);
    }
    csrf_check();
    if (!isset($_SESSION['upload']) && $step > 1) {
        flash('info', 'This upload is finished or was cancelled.');
        redirect('/dashboard', 303);
    }
}
if (!isset($_SESSION['upload'])) {
    $wizard = array('step' => 1, 'started' => microtime(true), 'game_id' => 0, 'name' => '', 'category_id' => 0,
        'details' => array('summary' => '', 'description' => '', 'version' => '1.0', 'adult' => 2, 'permissions' => array(),
            'tags' => array(), 'source' => '', 'credits' => ''),
        'file' => array('name' => '', 'category' => 'main', 'changelog' => ''), 'archive' => null, 'screens' => array());
} else {
    $wizard = $_SESSION['upload'];
}
if ($step < 1 || $step > STEPS) {
    $step = $wizard['step'];
}
if ($step > $wizard['step']) {
    flash('error', 'Please finish step ' . $wizard['step'] . ' first.');
    redirect('/upload?step=' . $wizard['step'], is_post() ? 303 : 302);
}

if (is_post()) {
    $action = post_text('action');
    if ($action == 'cancel') {
        wizard_forget_files($wizard);
        unset($_SESSION['upload']);
        flash('info', 'The upload was cancelled.');
        redirect('/dashboard', 303);
    }
    if ($step == 1) wizard_take_name($wizard, $errors, $user);
    if ($step == 2) $wizard['details'] = posted_details($errors);
    if ($step == 3) wizard_take_archive($wizard, $errors);
    if ($step == 4 && !wizard_take_screens($wizard)) $action = 'add';
    if ($step == 5 && ($action == 'publish' || $action == 'draft')) {
        wizard_finish($wizard, $user, $action == 'publish');
    }

    if ($action == 'back') {
        // kept as it is, but it has to be right before the next steps can be reached
        if ($errors) $wizard['step'] = min($wizard['step'], $step);
        $_SESSION['upload'] = $wizard;
        redirect('/upload?step=' . max(1, $step - 1), 303);
    }
    if (!$errors) {
        $stay = $step == 4 && $action == 'add';
        $next = $stay || $step == 5 ? $step : $step + 1;
        $wizard['step'] = max($wizard['step'], $next);
        $_SESSION['upload'] = $wizard;
        redirect('/upload?step=' . $next, 303);
    }
    // wrong: the page below shows what was typed; the session keeps the last right state
}

$titles = array(1 => 'Game and name', 'Description', 'Archive', 'Screenshots', 'Review and publish');
page_header('Upload a mod, step ' . $step, array('class' => 'upload', 'noindex' => true));
echo "<h1>Upload a mod</h1>\n<ol class=\"steps\">\n";
foreach ($titles as $number => $title) {
    echo '<li' . ($number == $step ? ' class="on"' : '') . '>' . ($number <= $wizard['step'] && $number != $step
        ? '<a href="/upload?step=' . $number . '">' . $title . '</a>' : '<span>' . $title . '</span>') . "</li>\n";
}
echo "</ol>\n<h2>Step " . $step . ' of ' . STEPS . ': ' . $titles[$step] . "</h2>\n";
form_errors($errors);
form_open('/upload?step=' . $step, 'form', $step == 3 || $step == 4 ? 'multipart/form-data' : '');
if ($step == 1) wizard_show_name($wizard, $errors);
if ($step == 2) wizard_show_details($wizard, $errors);
if ($step == 3) wizard_show_archive($wizard, $errors);
if ($step == 4) wizard_show_screens($wizard);
if ($step == 5) wizard_show_review($wizard);
?>
<p class="buttons">
<?php if ($step < STEPS) { ?>
<button type="submit" class="button" name="action" value="next">Continue</button>
<?php } else { ?>
<button type="submit" class="button" name="action" value="publish">Publish</button>
<button type="submit" class="button" name="action" value="draft">Save as draft</button>
<?php } if ($step > 1) { ?>
<button type="submit" class="button plain" name="action" value="back">Back</button>
<?php } ?>
<button type="submit" class="button plain" name="action" value="cancel">Cancel the upload</button></p>
</form>
<?php
page_footer();

// ---------------------------------------------------------------------------------------------------- step 1

function wizard_take_name(&$wizard, &$errors, $user)
{
    $games = games();
    $wizard['game_id'] = post_int('game_id');
    $wizard['name'] = post_line('name');
    $wizard['category_id'] = post_int('category_id');
    $game = isset($games[$wizard['game_id']]) ? $games[$wizard['game_id']] : null;
    if (!$game || !$game['active']) $errors['game_id'] = 'Please choose the game.';
    if (text_length($wizard['name']) < 3) $errors['name'] = 'The name needs at least 3 characters.';
    elseif (text_length($wizard['name']) > 120) $errors['name'] = 'The name may have 120 characters at most.';
    $category_game = val("SELECT game_id FROM categories WHERE id = " . $wizard['category_id']);
    if (!$category_game) $errors['category_id'] = 'Please choose the category.';
    elseif ($game && $category_game != $game['id']) $errors['category_id'] = 'This category belongs to another game. Please choose one of ' . $game['name'] . '.';
    if (!$errors && val("SELECT COUNT(*) FROM mods WHERE user_id = " . (int)$user['id'] . " AND game_id = " . (int)$game['id']
            . " AND name = '" . esc($wizard['name']) . "' AND status <> 'removed'")) {
        $errors['name'] = 'You have a mod with this name already.';
    }
}

function wizard_show_name($wizard, $errors)
{
    ?>
<p class="field"><label for="f-game_id">Game</label>
<select id="f-game_id" name="game_id"<?php echo field_state($errors, 'game_id'); ?>>
<option value="0">Please choose</option>
<?php foreach (games() as $game) { if (!$game['active']) continue; ?>
<option value="<?php echo (int)$game['id']; ?>"<?php echo selected($game['id'] == $wizard['game_id']); ?>><?php echo h($game['name']); ?></option>
<?php } ?>
</select></p>
<p class="field"><label for="f-name">Name of the mod</label>
<input type="text" id="f-name" name="name" size="60" maxlength="120" value="<?php echo h($wizard['name']); ?>"<?php echo field_state($errors, 'name'); ?> /></p>
<p class="field"><label for="f-category_id">Category</label>
<select id="f-category_id" name="category_id"<?php echo field_state($errors, 'category_id'); ?>>
<option value="0">Please choose</option>
<?php category_options($wizard['category_id']); ?>
</select></p>
<?php
}

// ---------------------------------------------------------------------------------------------------- step 2

function wizard_show_details($wizard, $errors)
{
    details_fields($wizard['details'], $errors);
    ?>
<fieldset class="field"><legend>Where it comes from</legend>
<p><label for="f-source">Source</label>
<input type="text" id="f-source" name="meta.source" size="60" maxlength="200" value="<?php echo h($wizard['details']['source']); ?>"<?php echo field_state($errors, 'source'); ?> />
<span class="hint">Web address, if it was published elsewhere before.</span></p>
<p><label for="f-credits">Original author</label>
<input type="text" id="f-credits" name="meta.original author" size="40" maxlength="120" value="<?php echo h($wizard['details']['credits']); ?>"<?php echo field_state($errors, 'credits'); ?> />
<span class="hint">If it was not you.</span></p>
</fieldset>
<?php
}

// ---------------------------------------------------------------------------------------------------- step 3

function wizard_take_archive(&$wizard, &$errors)
{
    $wizard['file'] = posted_file($errors);
    $chosen = isset($_FILES['archive']['error']) && $_FILES['archive']['error'] !== UPLOAD_ERR_NO_FILE;
    if (!$chosen && $wizard['archive'] !== null) return;
    $archive = receive_archive('archive', $problem);
    if (!$archive) {
        $errors['archive'] = $problem;
        return;
    }
    if ($wizard['archive'] !== null) storage_delete($wizard['archive']['path']);
    $wizard['archive'] = $archive;
    // an archive that has arrived is kept, even if the name beside it is wrong
    if (isset($_SESSION['upload'])) $_SESSION['upload']['archive'] = $archive;
}

function wizard_show_archive($wizard, $errors)
{
    if ($wizard['archive'] !== null) {
        echo '<p class="waiting">Uploaded: <strong>' . h($wizard['archive']['filename']) . '</strong>, ' . format_size($wizard['archive']['size'])
            . ', MD5 ' . h($wizard['archive']['md5']) . ". Choose another one to replace it.</p>\n";
    }
    $file = $wizard['file'];
    if ($file['name'] == '' && !$errors) $file['name'] = $wizard['name'];
    archive_fields($file, $errors);
}

// ---------------------------------------------------------------------------------------------------- step 4

// False when a picture was refused: the step is shown again, with those that were right.
function wizard_take_screens(&$wizard)
{
    $captions = isset($_POST['old_captions']) && is_array($_POST['old_captions']) ? $_POST['old_captions'] : array();
    foreach ($wizard['screens'] as $i => $screen) {
        if (isset($captions[$i])) $wizard['screens'][$i]['caption'] = clean_caption(clean_text($captions[$i]));
    }
    foreach (post_list('remove') as $i) {
        if (!ctype_digit($i) || !isset($wizard['screens'][(int)$i])) continue;
        storage_delete($wizard['screens'][(int)$i]['path']);
        unset($wizard['screens'][(int)$i]);
    }
    $wizard['screens'] = array_values($wizard['screens']);
    $problems = array();
    foreach (receive_screens($problems, SCREENS_MAX - count($wizard['screens'])) as $screen) {
        $wizard['screens'][] = $screen;
    }
    foreach ($problems as $problem) flash('error', $problem);
    return !$problems;
}

function wizard_show_screens($wizard)
{
    if ($wizard['screens']) {
        echo "<ul class=\"screens\">\n";
        foreach ($wizard['screens'] as $i => $screen) {
            echo '<li><img src="/upload?preview=' . $i . '" width="160" alt="' . h($screen['name']) . "\" />\n"
                . '<label for="f-old-caption-' . $i . '">Caption of ' . h($screen['name']) . "</label>\n"
                . '<input type="text" id="f-old-caption-' . $i . '" name="old_captions[' . $i . ']" size="40" maxlength="160" value="' . h($screen['caption']) . "\" />\n"
                . '<label class="choice" for="f-remove-' . $i . '"><input type="checkbox" id="f-remove-' . $i . '" name="remove[]" value="' . $i . "\" /> Remove</label></li>\n";
        }
        echo "</ul>\n";
    }
    $room = min(3, SCREENS_MAX - count($wizard['screens']));
    for ($i = 0; $i < $room; $i++) {
        ?>
<fieldset class="field"><legend>Picture <?php echo count($wizard['screens']) + $i + 1; ?></legend>
<p><label for="f-screen-<?php echo $i; ?>">File</label>
<input type="file" id="f-screen-<?php echo $i; ?>" name="screens[]" /></p>
<p><label for="f-caption-<?php echo $i; ?>">Caption</label>
<input type="text" id="f-caption-<?php echo $i; ?>" name="captions[]" size="50" maxlength="160" value="" /></p>
</fieldset>
<?php
    }
    echo '<p class="hint">JPEG, PNG or GIF, ' . format_size(SCREEN_BYTES_MAX) . ' at most, ' . SCREENS_MAX . " pictures in all. You may go on without any.</p>\n";
    if ($room) echo "<p class=\"buttons\"><button type=\"submit\" class=\"button plain\" name=\"action\" value=\"add\">Upload these and add more</button></p>\n";
}

function wizard_preview($i)
{
    $screen = isset($_SESSION['upload']['screens'][$i]) ? $_SESSION['upload']['screens'][$i] : null;
    if (!$screen || !is_file(storage_path($screen['path']))) {
        error_page(404, 'Image not found', 'This image does not exist.');
    }
    header('Content-Type: ' . $screen['type']);
    header('Content-Length: ' . filesize(storage_path($screen['path'])));
    header('Cache-Control: private, no-store');
    readfile(storage_path($screen['path']));
    exit;
}

// ---------------------------------------------------------------------------------------------------- step 5

function wizard_show_review($wizard)
{
    $games = games();
    $permissions = permission_names();
    $allowed = array();
    foreach ($wizard['details']['permissions'] as $name) $allowed[] = $permissions[$name];
    $adult = adult_names();
    $lines = array(
        array(1, 'Game', $games[$wizard['game_id']]['name']),
        array(1, 'Name', $wizard['name']),
        array(1, 'Category', fix_utf8(val("SELECT name FROM categories WHERE id = " . (int)$wizard['category_id']))),
        array(2, 'Summary', $wizard['details']['summary']),
        array(2, 'Version', $wizard['details']['version']),
        array(2, 'Tags', implode(', ', $wizard['details']['tags'])),
        array(2, 'Permissions', implode('; ', $allowed)),
        array(2, 'Rating', $adult[$wizard['details']['adult']]),
        array(3, 'Archive', $wizard['archive']['filename'] . ', ' . format_size($wizard['archive']['size'])),
        array(3, 'File', $wizard['file']['name']),
        array(4, 'Screenshots', (string)count($wizard['screens'])),
    );
    echo "<table class=\"review\" summary=\"What you have entered\">\n";
    foreach ($lines as $line) {
        echo '<tr><th scope="row">' . $line[1] . '</th><td>' . ($line[2] == '' ? '<em>none</em>' : h($line[2]))
            . '</td><td><a href="/upload?step=' . $line[0] . '">change</a></td></tr>' . "\n";
    }
    echo "</table>\n<h3>Description</h3>\n<div class=\"box description\">" . bbcode(wizard_description($wizard)) . "</div>\n";
}

// There is no column for source and author: they stand below the description.
function wizard_description($wizard)
{
    $text = $wizard['details']['description'];
    if ($wizard['details']['source'] != '') $text .= "\n\n[b]Source:[/b] [url]" . $wizard['details']['source'] . '[/url]';
    if ($wizard['details']['credits'] != '') $text .= "\n\n[b]Original author:[/b] " . $wizard['details']['credits'];
    return $text;
}

// One statement after the other, no transaction: MyISAM had none when this was written.
function wizard_finish($wizard, $user, $publish)
{
    $games = games();
    $domain = $games[$wizard['game_id']]['domain'];
    $details = $wizard['details'];
    if (!is_file(storage_path($wizard['archive']['path']))) {
        $_SESSION['upload']['archive'] = null;
        $_SESSION['upload']['step'] = 3;
        flash('error', 'The archive is no longer there. Please upload it again.');
        redirect('/upload?step=3', 303);
    }
    q("INSERT INTO mods (game_id, category_id, user_id, name, summary, description, version, status, adult, permissions, created) VALUES ("
        . (int)$wizard['game_id'] . ", " . (int)$wizard['category_id'] . ", " . (int)$user['id'] . ", '" . esc($wizard['name']) . "', '"
        . esc($details['summary']) . "', '" . esc(wizard_description($wizard)) . "', '" . esc($details['version']) . "', 'draft', "
        . (int)$details['adult'] . ", '" . esc(implode(',', $details['permissions'])) . "', '" . date('Y-m-d H:i:s') . "')");
    $mod = array('id' => db()->insert_id, 'user_id' => $user['id'], 'game_id' => $wizard['game_id'], 'domain' => $domain);
    save_archive($mod, $domain, $wizard['archive'], $wizard['file'] + array('version' => $details['version'], 'primary' => true));
    save_screens($mod, $domain, $wizard['screens']);
    save_tags($mod['id'], $details['tags']);
    if ($publish) publish_mod($mod);
    unset($_SESSION['upload']);
    log_activity('upload', $mod['id'] . "\0" . $wizard['archive']['md5'], $user['id']);
    flash('ok', $publish ? 'Your mod is published.' : 'Your draft is saved. Only you see it until you publish it.');
    redirect(mod_url($mod), 303);
}

function wizard_forget_files($wizard)
{
    if ($wizard['archive'] !== null) storage_delete($wizard['archive']['path']);
    foreach ($wizard['screens'] as $screen) storage_delete($screen['path']);
}
