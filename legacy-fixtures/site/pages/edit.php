<?php
// Edit a mod: its details, files and pictures. The author and admins may.
// POST to /edit?id=N: action=save | add_file | delete_file (file_id) | primary_file (file_id) | add_screens | delete_image (image_id)
require_once 'inc/account.php';
require_once 'inc/upload.php';

define('REQUIREMENTS_MAX', 20);

start_session();
$user = require_login();
$id = get_int('id');
$mod = row("SELECT m.*, g.domain, g.name AS game_name FROM mods m, games g
    WHERE m.id = " . $id . " AND g.id = m.game_id AND m.status <> 'removed'");
if (!$mod) {
    error_page(404, 'Mod not found', 'There is no such mod.');
}
if ($mod['user_id'] != $user['id'] && !is_admin()) {
    error_page(403, 'Not your mod', 'Only the author and the admins may edit this mod.');
}

$errors = array();
$action = '';
$form = edit_form_of($mod);
$file = array('name' => '', 'category' => 'main', 'changelog' => '', 'version' => $mod['version']);

if (is_post()) {
    if (post_was_too_large()) {
        flash('error', 'That was too much: one upload may have ' . format_size(archive_bytes_max()) . '.');
        redirect('/edit?id=' . $id . '#files', 303);
    }
    csrf_check();
    $action = post_text('action');
    if ($action == 'save') edit_save($mod, $form, $errors, $user);
    if ($action == 'add_file') edit_add_file($mod, $file, $errors);
    if ($action == 'delete_file') edit_delete_file($mod, $user);
    if ($action == 'primary_file') edit_primary_file($mod);
    if ($action == 'add_screens') edit_add_screens($mod);
    if ($action == 'delete_image') edit_delete_image($mod);
    if (!$errors) redirect('/edit?id=' . $id, 303);
}

$name = fix_utf8($mod['name']);
page_header('Edit ' . $name, array('class' => 'edit', 'noindex' => true, 'game' => array('id' => $mod['game_id']),
    'crumbs' => array(array('/' . $mod['domain'], $mod['game_name']), array(mod_url($mod), $name))));
?>
<h1>Edit <?php echo h($name); ?></h1>
<p>Status: <strong><?php echo h($mod['status']); ?></strong>. <a href="<?php echo h(mod_url($mod)); ?>">Look at it</a> |
<a href="/hide?id=<?php echo $id; ?>"><?php echo $mod['status'] == 'published' ? 'Hide it' : ($mod['status'] == 'draft' ? 'Publish it' : 'Show it again'); ?></a></p>
<?php if ($action == 'save') form_errors($errors); ?>
<?php form_open('/edit?id=' . $id); ?>
<p class="field"><label for="f-name">Name of the mod</label>
<input type="text" id="f-name" name="name" size="60" maxlength="120" value="<?php echo h($form['name']); ?>"<?php echo field_state($errors, 'name'); ?> /></p>
<p class="field"><label for="f-category_id">Category</label>
<select id="f-category_id" name="category_id"<?php echo field_state($errors, 'category_id'); ?>>
<option value="0">none</option>
<?php category_options($form['category_id'], $mod['game_id']); ?>
</select></p>
<?php
details_fields($form, $action == 'save' ? $errors : array());
edit_show_requirements($form['requirements'], $errors);
?>
<p class="buttons"><button type="submit" class="button" name="action" value="save">Save</button> <a href="<?php echo h(mod_url($mod)); ?>">Cancel</a></p>
</form>
<?php
edit_show_files($mod);
if ($action == 'add_file') form_errors($errors);
form_open('/edit?id=' . $id, 'form', 'multipart/form-data');
echo "<h3>Add a file</h3>\n";
archive_fields($file, $action == 'add_file' ? $errors : array());
?>
<p class="field"><label for="f-file_version">Version of the file</label>
<input type="text" id="f-file_version" name="file_version" size="12" maxlength="20" value="<?php echo h($file['version']); ?>"<?php echo field_state($errors, 'file_version'); ?> /></p>
<p class="buttons"><button type="submit" class="button" name="action" value="add_file">Upload the file</button></p>
</form>
<?php
edit_show_images($mod);
page_footer();

// ---------------------------------------------------------------------------------------------------- details

// What the form shows at first. Texts are repaired, so saving repairs the row as well.
function edit_form_of($mod)
{
    $tags = array();
    foreach (rows("SELECT t.name FROM mod_tags mt, tags t WHERE mt.mod_id = " . (int)$mod['id'] . " AND t.id = mt.tag_id ORDER BY t.name") as $tag) {
        $tags[] = $tag['name'];
    }
    $requirements = array();
    foreach (rows("SELECT requires_id, min_version, notes FROM mod_requirements WHERE mod_id = " . (int)$mod['id'] . " ORDER BY requires_id") as $row) {
        $requirements[] = array('id' => $row['requires_id'], 'min_version' => $row['min_version'], 'notes' => fix_utf8($row['notes']));
    }
    return array('name' => fix_utf8($mod['name']), 'category_id' => $mod['category_id'], 'summary' => fix_utf8($mod['summary']),
        'description' => fix_utf8($mod['description']), 'version' => $mod['version'], 'adult' => (int)$mod['adult'],
        'permissions' => permission_list($mod['permissions']), 'tags' => $tags, 'requirements' => $requirements);
}

function edit_save($mod, &$form, &$errors, $user)
{
    $id = (int)$mod['id'];
    $name = post_line('name');
    $category_id = post_int('category_id');
    if (text_length($name) < 3) $errors['name'] = 'The name needs at least 3 characters.';
    elseif (text_length($name) > 120) $errors['name'] = 'The name may have 120 characters at most.';
    if ($category_id && val("SELECT game_id FROM categories WHERE id = " . $category_id) != $mod['game_id']) {
        $errors['category_id'] = 'This category belongs to another game.';
    }
    $form = posted_details($errors);
    $form['name'] = $name;
    $form['category_id'] = $category_id;
    $form['requirements'] = edit_posted_requirements($mod, $errors);
    if ($errors) return;

    q("UPDATE mods SET name = '" . esc($name) . "', category_id = " . $category_id . ", summary = '" . esc($form['summary'])
        . "', description = '" . esc($form['description']) . "', version = '" . esc($form['version']) . "', adult = " . (int)$form['adult']
        . ", permissions = '" . esc(implode(',', $form['permissions'])) . "' WHERE id = " . $id);
    save_tags($id, $form['tags']);
    q("DELETE FROM mod_requirements WHERE mod_id = " . $id);
    foreach ($form['requirements'] as $row) {
        q("INSERT INTO mod_requirements (mod_id, requires_id, min_version, notes) VALUES (" . $id . ", " . (int)$row['id'] . ", '"
            . esc($row['min_version']) . "', '" . esc($row['notes']) . "')");
    }
    log_activity('edit', (string)$id, $user['id']);
    flash('ok', 'Your changes are saved.');
    redirect(mod_url($mod), 303);
}

// requirements[N][id], [min_version], [notes]; rows without a number are dropped
function edit_posted_requirements($mod, &$errors)
{
    $requirements = array();
    $posted = isset($_POST['requirements']) && is_array($_POST['requirements']) ? $_POST['requirements'] : array();
    $old = array();
    foreach (rows("SELECT requires_id FROM mod_requirements WHERE mod_id = " . (int)$mod['id']) as $row) $old[] = $row['requires_id'];
    foreach ($posted as $line) {
        if (!is_array($line)) continue;
        $text = array();
        foreach (array('id', 'min_version', 'notes') as $part) $text[$part] = isset($line[$part]) ? trim(clean_text($line[$part])) : '';
        $number = ltrim($text['id'], '#');
        if ($number === '') {
            if ($text['min_version'] !== '' || $text['notes'] !== '') $errors['requirements'] = 'A requirement needs the number of the mod.';
            else continue;
        } elseif (!preg_match('/^[0-9]{1,10}$/', $number)) {
            $errors['requirements'] = '"' . $text['id'] . '" is not the number of a mod.';
        } elseif (in_array($number, $old)) {
            // stays as it is, even if that mod is gone
        } elseif ((int)$number == $mod['id']) {
            $errors['requirements'] = 'A mod cannot require itself.';
        } elseif (!val("SELECT COUNT(*) FROM mods WHERE status = 'published' AND id = " . (int)$number)) {
            $errors['requirements'] = 'There is no mod ' . $number . '.';
        }
        if (isset($requirements['mod' . (int)$number])) $errors['requirements'] = 'Mod ' . $number . ' is there twice.';
        if (text_length($text['min_version']) > 20 || text_length($text['notes']) > 160) $errors['requirements'] = 'A version or note of a requirement is too long.';
        $requirements[isset($requirements['mod' . (int)$number]) ? count($requirements) : 'mod' . (int)$number] =
            array('id' => $number, 'min_version' => $text['min_version'], 'notes' => $text['notes']);
    }
    if (count($requirements) > REQUIREMENTS_MAX) $errors['requirements'] = 'A mod has ' . REQUIREMENTS_MAX . ' requirements at most.';
    return array_values($requirements);
}

function edit_show_requirements($requirements, $errors)
{
    $empty = array('id' => '', 'min_version' => '', 'notes' => '');
    array_push($requirements, $empty, $empty);
    echo "<fieldset class=\"field\" id=\"f-requirements\"><legend>Requirements</legend>\n<table summary=\"Mods that this one needs\">\n"
        . "<tr><th scope=\"col\">Number of the mod</th><th scope=\"col\">From version</th><th scope=\"col\">Notes</th></tr>\n";
    foreach ($requirements as $i => $row) {
        echo '<tr>';
        foreach (array('id' => array(8, 10, 'Number of mod'), 'min_version' => array(10, 20, 'Version of mod'), 'notes' => array(40, 160, 'Notes on mod')) as $part => $size) {
            echo '<td><label class="hidden" for="f-requirement-' . $i . '-' . $part . '">' . $size[2] . ' ' . ($i + 1) . '</label><input type="text" id="f-requirement-' . $i . '-' . $part
                . '" name="requirements[' . $i . '][' . $part . ']" size="' . $size[0] . '" maxlength="' . $size[1] . '" value="' . h($row[$part]) . '"'
                . field_state($errors, 'requirements') . ' /></td>';
        }
        echo "</tr>\n";
    }
    echo "</table></fieldset>\n";
}

// ---------------------------------------------------------------------------------------------------- files

function edit_add_file($mod, &$file, &$errors)
{
    $file = posted_file($errors);
    $file['version'] = post_line('file_version');
    if (text_length($file['version']) > 20) $errors['file_version'] = 'The version may have 20 characters at most.';
    $archive = $errors ? null : receive_archive('archive', $problem);
    if (!$errors && !$archive) $errors['archive'] = $problem;
    if ($errors) return;
    $file['primary'] = !val("SELECT COUNT(*) FROM mod_files WHERE `primary` = b'1' AND mod_id = " . (int)$mod['id']);
    save_archive($mod, $mod['domain'], $archive, $file);
    flash('ok', 'The file "' . $file['name'] . '" was added.');
    redirect('/edit?id=' . (int)$mod['id'] . '#files', 303);
}

function edit_delete_file($mod, $user)
{
    $file = row("SELECT * FROM mod_files WHERE id = " . post_int('file_id') . " AND mod_id = " . (int)$mod['id']);
    if (!$file) {
        flash('error', 'This file is not there any more.');
    } else {
        q("UPDATE mods m, mod_files f SET m.size_bytes = IF(m.size_bytes > f.size_bytes, m.size_bytes - f.size_bytes, 0)
            WHERE f.id = " . (int)$file['id'] . " AND m.id = f.mod_id");
        q("DELETE FROM mod_files WHERE id = " . (int)$file['id']);
        edit_delete_stored('files', $file['path']);
        log_activity('delete_file', $file['id'] . "\0" . $file['filename'], $user['id']);
        flash('ok', 'The file "' . fix_utf8($file['name']) . '" was deleted.');
    }
    redirect('/edit?id=' . (int)$mod['id'] . '#files', 303);
}

// Nothing outside the folder, whatever the column says.
function edit_delete_stored($folder, $path)
{
    if ($path != '' && strpos($path, '..') === false) storage_delete($folder . '/' . $path);
}

function edit_primary_file($mod)
{
    $file_id = post_int('file_id');
    if (val("SELECT COUNT(*) FROM mod_files WHERE id = " . $file_id . " AND mod_id = " . (int)$mod['id'])) {
        q("UPDATE mod_files SET `primary` = IF(id = " . $file_id . ", b'1', b'0') WHERE mod_id = " . (int)$mod['id']);
        flash('ok', 'The main download was changed.');
    } else {
        flash('error', 'This file is not there any more.');
    }
    redirect('/edit?id=' . (int)$mod['id'] . '#files', 303);
}

function edit_show_files($mod)
{
    $kinds = file_kinds();
    $files = rows("SELECT id, name, filename, version, category, size_bytes, downloads, `primary` + 0 AS is_primary FROM mod_files
        WHERE mod_id = " . (int)$mod['id'] . " ORDER BY uploaded DESC, id DESC");
    echo "<h2 id=\"files\">Files</h2>\n";
    if (!$files) {
        echo "<p class=\"empty\">There is no file yet.</p>\n";
        return;
    }
    echo "<div class=\"scroll\">\n<table class=\"list\" summary=\"Files\">\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Archive</th><th scope=\"col\">Version</th>"
        . "<th scope=\"col\">Kind</th><th scope=\"col\" class=\"n\">Size</th><th scope=\"col\" class=\"n\">Downloads</th><th scope=\"col\">Actions</th></tr></thead>\n<tbody>\n";
    foreach ($files as $i => $file) {
        echo '<tr class="' . ($i % 2 ? 'even' : 'odd') . '"><td>' . h(fix_utf8($file['name'])) . ($file['is_primary'] ? ' <span class="badge">Main download</span>' : '')
            . '</td><td>' . h($file['filename']) . '</td><td>' . h($file['version']) . '</td><td>'
            . (isset($kinds[$file['category']]) ? $kinds[$file['category']] : 'Other file') . '</td><td class="n">' . format_size($file['size_bytes'])
            . '</td><td class="n">' . format_count($file['downloads']) . "</td>\n<td class=\"actions\">";
        form_open('/edit?id=' . (int)$mod['id'], 'inline');
        echo '<div><input type="hidden" name="file_id" value="' . (int)$file['id'] . '" />';
        if (!$file['is_primary']) echo '<button type="submit" class="link" name="action" value="primary_file">Make it the main download</button> ';
        echo "<button type=\"submit\" class=\"link\" name=\"action\" value=\"delete_file\">Delete</button></div></form></td></tr>\n";
    }
    echo "</tbody>\n</table>\n</div>\n";
}

// ---------------------------------------------------------------------------------------------------- pictures

function edit_add_screens($mod)
{
    $problems = array();
    $room = SCREENS_MAX - (int)val("SELECT COUNT(*) FROM mod_images WHERE mod_id = " . (int)$mod['id']);
    $screens = receive_screens($problems, $room);
    save_screens($mod, $mod['domain'], $screens);
    foreach ($problems as $problem) flash('error', $problem);
    if ($screens) flash('ok', count($screens) == 1 ? 'The picture was added.' : count($screens) . ' pictures were added.');
    elseif (!$problems) flash('error', 'Please choose a picture.');
    redirect('/edit?id=' . (int)$mod['id'] . '#images', 303);
}

function edit_delete_image($mod)
{
    $image = row("SELECT id, path FROM mod_images WHERE id = " . post_int('image_id') . " AND mod_id = " . (int)$mod['id']);
    if ($image) {
        q("DELETE FROM mod_images WHERE id = " . (int)$image['id']);
        edit_delete_stored('images', $image['path']);
        flash('ok', 'The picture was deleted.');
    } else {
        flash('error', 'This picture is not there any more.');
    }
    redirect('/edit?id=' . (int)$mod['id'] . '#images', 303);
}

function edit_show_images($mod)
{
    $images = rows("SELECT id, caption FROM mod_images WHERE mod_id = " . (int)$mod['id'] . " ORDER BY `position`, id");
    echo "<h2 id=\"images\">Pictures</h2>\n";
    if ($images) echo "<ul class=\"screens\">\n";
    foreach ($images as $n => $image) {
        $caption = fix_utf8($image['caption']);
        echo '<li><img src="/image.php?id=' . (int)$image['id'] . '&amp;size=thumb" width="200" height="112" alt="' . ($caption != '' ? h($caption) : 'Picture ' . ($n + 1)) . '" /> '
            . h($caption) . "\n";
        form_open('/edit?id=' . (int)$mod['id'], 'inline');
        echo '<div><input type="hidden" name="image_id" value="' . (int)$image['id'] . '" />'
            . "<button type=\"submit\" class=\"link\" name=\"action\" value=\"delete_image\">Delete</button></div></form></li>\n";
    }
    echo $images ? "</ul>\n" : "<p class=\"empty\">There are no pictures yet.</p>\n";
    form_open('/edit?id=' . (int)$mod['id'], 'form', 'multipart/form-data');
    ?>
<h3>Add pictures</h3>
<?php for ($i = 0; $i < 2; $i++) { ?>
<p class="field"><label for="f-screen-<?php echo $i; ?>">File</label>
<input type="file" id="f-screen-<?php echo $i; ?>" name="screens[]" />
<label for="f-caption-<?php echo $i; ?>">Caption</label>
<input type="text" id="f-caption-<?php echo $i; ?>" name="captions[]" size="40" maxlength="160" value="" /></p>
<?php } ?>
<p class="buttons"><button type="submit" class="button" name="action" value="add_screens">Upload the pictures</button></p>
</form>
<?php
}
