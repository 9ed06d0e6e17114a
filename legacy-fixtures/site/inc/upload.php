<?php
// Archives, screenshots and the details of a mod: what the upload wizard and the edit page have in common.
// Needs inc/common.php and inc/account.php.

define('SCREENS_MAX', 10);
define('SCREEN_BYTES_MAX', 2 * 1024 * 1024);
define('DESCRIPTION_BYTES_MAX', 200000);
define('TAGS_MAX', 10);

// ---------------------------------------------------------------------------------------------------- storage

function storage_path($path)
{
    return rtrim((string)getenv('MV_STORAGE'), '/') . '/' . $path;
}

function storage_folder($path)
{
    $folder = dirname(storage_path($path));
    if (!is_dir($folder) && !@mkdir($folder, 0770, true) && !is_dir($folder)) {
        error_page(500, 'Storage problem', 'The file could not be stored. Please try again later.');
    }
    return storage_path($path);
}

// Moves a waiting upload to its place below files/ or images/.
function storage_move($from, $to)
{
    if (!@rename(storage_path($from), storage_folder($to))) {
        error_page(500, 'Storage problem', 'An uploaded file is no longer there. Please upload it again.');
    }
}

function storage_delete($path)
{
    if (is_file(storage_path($path))) @unlink(storage_path($path));
}

// ---------------------------------------------------------------------------------------------------- uploads

function ini_bytes($name)
{
    $value = trim((string)ini_get($name));
    $unit = strtolower(substr($value, -1));
    $factor = $unit == 'g' ? 1073741824 : ($unit == 'm' ? 1048576 : ($unit == 'k' ? 1024 : 1));
    return (int)$value * $factor;
}

function archive_bytes_max()
{
    $options = site_options();
    $most = min(ini_bytes('upload_max_filesize'), ini_bytes('post_max_size') - 65536);
    return empty($options['max_upload_mb']) ? $most : min($most, (int)$options['max_upload_mb'] * 1048576);
}

// What a PHP upload error means to a visitor, '' when there is none.
function upload_problem($code, $what)
{
    switch ($code) {
        case UPLOAD_ERR_OK: return '';
        case UPLOAD_ERR_INI_SIZE:
        case UPLOAD_ERR_FORM_SIZE: return 'The ' . $what . ' is too large.';
        case UPLOAD_ERR_PARTIAL: return 'The ' . $what . ' arrived only in part. Please try again.';
        case UPLOAD_ERR_NO_FILE: return 'Please choose the ' . $what . '.';
        default: return 'The ' . $what . ' could not be stored (error ' . (int)$code . ').';
    }
}

// The kind of an archive by its first bytes, whatever it is called: 'zip', '7z', 'rar', or ''.
function archive_kind($path)
{
    $start = (string)@file_get_contents($path, false, null, 0, 8);
    if (substr($start, 0, 4) == "PK\x03\x04") return 'zip';
    if (substr($start, 0, 6) == "7z\xBC\xAF\x27\x1C") return '7z';
    if (substr($start, 0, 6) == "Rar!\x1A\x07") return 'rar';
    return '';
}

// A name for the latin1 column: letters of western Europe, digits and a few signs stay.
function clean_filename($name)
{
    $name = preg_match('//u', $name) ? $name : preg_replace('/[\x80-\xFF]/', '_', $name);
    $name = preg_replace('#^.*[/\\\\]#s', '', $name);
    $name = preg_replace('/[^A-Za-z0-9 ._()+\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{FF}-]/u', '_', $name);
    $name = ltrim(trim($name), '.');
    if (text_length($name) <= 120) return $name;
    $dot = strrpos($name, '.');
    $end = $dot === false ? '' : substr($name, $dot);
    return preg_replace('/^(.{1,100}).*$/us', '$1', $name) . substr($end, 0, 10);
}

// Takes the archive of a form field into uploads/. Returns what is known about it, or null with $problem set.
function receive_archive($field, &$problem)
{
    $problem = '';
    $file = isset($_FILES[$field]) && is_string($_FILES[$field]['name']) ? $_FILES[$field] : array('error' => UPLOAD_ERR_NO_FILE);
    $problem = upload_problem($file['error'], 'archive');
    if ($problem != '') {
        return null;
    }
    $name = clean_filename($file['name']);
    $ending = strtolower(pathinfo($name, PATHINFO_EXTENSION));
    $kind = archive_kind($file['tmp_name']);
    if ($file['size'] == 0) {
        $problem = 'The archive is empty.';
    } elseif ($file['size'] > archive_bytes_max()) {
        $problem = 'The archive is too large: ' . format_size($file['size']) . '. The limit is ' . format_size(archive_bytes_max()) . '.';
    } elseif ($kind == '') {
        $problem = 'This is not a zip, 7z or rar archive.';
    } elseif ($ending != $kind) {
        $problem = 'The name ends in .' . $ending . ', but the archive is a ' . $kind . ' archive. Please rename it.';
    }
    if ($problem != '') {
        return null;
    }
    $path = 'uploads/' . bin2hex(random_bytes(12)) . '.' . $kind;
    if (!move_uploaded_file($file['tmp_name'], storage_folder($path))) {
        $problem = 'The archive could not be stored. Please try again later.';
        return null;
    }
    return array('path' => $path, 'filename' => $name, 'kind' => $kind,
        'size' => (int)$file['size'], 'md5' => md5_file(storage_path($path)));
}

// Takes the pictures of screens[] with their captions[] into uploads/; both lists have the same order.
// Those that are right are returned, the others are named in $problems.
function receive_screens(&$problems, $room)
{
    $problems = array();
    $screens = array();
    if (!isset($_FILES['screens']) || !is_array($_FILES['screens']['name'])) return $screens;
    $endings = array(IMAGETYPE_JPEG => 'jpg', IMAGETYPE_PNG => 'png', IMAGETYPE_GIF => 'gif');
    foreach ($_FILES['screens']['name'] as $i => $name) {
        $error = $_FILES['screens']['error'][$i];
        $tmp = $_FILES['screens']['tmp_name'][$i];
        if (!is_string($name) || $error === UPLOAD_ERR_NO_FILE) continue;
        $name = clean_filename($name);
        $problem = upload_problem($error, 'picture');
        $size = $problem == '' ? @getimagesize($tmp) : false;
        if ($problem == '' && (!$size || !isset($endings[$size[2]]))) $problem = 'This is not a JPEG, PNG or GIF picture.';
        if ($problem == '' && filesize($tmp) > SCREEN_BYTES_MAX) $problem = 'The picture is larger than ' . format_size(SCREEN_BYTES_MAX) . '.';
        if ($problem == '' && count($screens) >= $room) $problem = 'A mod has ' . SCREENS_MAX . ' pictures at most.';
        $path = $problem == '' ? 'uploads/' . bin2hex(random_bytes(12)) . '.' . $endings[$size[2]] : '';
        if ($problem == '' && !move_uploaded_file($tmp, storage_folder($path))) $problem = 'The picture could not be stored.';
        if ($problem != '') {
            $problems[] = $name . ': ' . $problem;
            continue;
        }
        $caption = isset($_POST['captions'][$i]) ? clean_text($_POST['captions'][$i]) : '';
        $screens[] = array('path' => $path, 'name' => $name, 'type' => $size['mime'], 'caption' => clean_caption($caption));
    }
    return $screens;
}

function clean_caption($caption)
{
    return preg_replace('/^(.{0,160}).*$/us', '$1', trim(preg_replace('/\s+/u', ' ', $caption)));
}

// ---------------------------------------------------------------------------------------------------- details

function permission_names()
{
    return array(
        'modify' => 'Others may change this mod',
        'redistribute' => 'Others may upload it elsewhere',
        'console' => 'It may be converted for consoles',
        'assets' => 'Its assets may be used in other mods',
    );
}

function adult_names()
{
    return array(0 => 'Fit for everybody', 1 => 'Adult content', 2 => 'Not reviewed yet');
}

// SET column as the forms and the inserts need it.
function permission_list($set)
{
    return $set == '' ? array() : explode(',', $set);
}

// The fields of the details form out of $_POST. "meta.source" arrives as meta_source: PHP has no dots in names.
function posted_details(&$errors)
{
    $details = array(
        'summary' => post_line('summary'),
        'description' => trim(post_text('description')),
        'version' => post_line('version'),
        'adult' => post_text('adult') === '0' ? 0 : (post_text('adult') === '1' ? 1 : 2),
        'permissions' => array(),
        'tags' => posted_tags(),
        'source' => post_line('meta_source'),
        'credits' => post_line('meta_original_author'),
    );
    $posted = isset($_POST['permissions']) && is_array($_POST['permissions']) ? $_POST['permissions'] : array();
    foreach (permission_names() as $name => $label) {
        if (!empty($posted[$name])) $details['permissions'][] = $name;
    }
    check_details($details, $errors);
    return $details;
}

// tags[] holds the ticked ones and a text with further ones between commas; upper and lower case are one tag.
function posted_tags()
{
    $tags = array();
    foreach (post_list('tags') as $text) {
        foreach (explode(',', $text) as $tag) {
            $tag = trim(preg_replace('/\s+/u', ' ', $tag));
            if ($tag !== '') $tags[strtolower($tag)] = $tag;
        }
    }
    return array_values($tags);
}

function check_details($details, &$errors)
{
    if ($details['summary'] == '') $errors['summary'] = 'Please write a summary.';
    elseif (text_length($details['summary']) > 350) $errors['summary'] = 'The summary may have 350 characters at most.';
    if (strlen($details['description']) < 20) $errors['description'] = 'Please describe the mod in 20 characters or more.';
    elseif (strlen($details['description']) > DESCRIPTION_BYTES_MAX) $errors['description'] = 'The description is too long.';
    if (!preg_match('/^[\p{L}\p{N}][^\p{C}]{0,19}$/u', $details['version'])) {
        $errors['version'] = 'Please give a version such as 1.0 (20 characters at most, a letter or digit first).';
    }
    if (count($details['tags']) > TAGS_MAX) $errors['tags'] = 'A mod has ' . TAGS_MAX . ' tags at most.';
    foreach ($details['tags'] as $tag) {
        if (text_length($tag) > 40) $errors['tags'] = 'A tag has 40 characters at most.';
    }
    if ($details['source'] != '' && (strlen($details['source']) > 200 || !preg_match('#^https?://[^\s/]+\S*$#', $details['source']))) {
        $errors['source'] = 'The source must be a web address that begins with http:// or https://.';
    }
    if (text_length($details['credits']) > 120) $errors['credits'] = 'The name of the original author is too long.';
}

// The inputs of the details form; the caller has opened form and table of labels.
function details_fields($details, $errors)
{
    $popular = rows("SELECT name FROM tags ORDER BY name LIMIT 24");
    $known = array();
    foreach ($popular as $tag) $known[strtolower($tag['name'])] = $tag['name'];
    $ticked = array();
    $further = array();
    foreach ($details['tags'] as $tag) {
        if (isset($known[strtolower($tag)])) $ticked[strtolower($tag)] = true;
        else $further[] = $tag;
    }
    ?>
<p class="field"><label for="f-summary">Summary</label>
<input type="text" id="f-summary" name="summary" size="70" maxlength="350" value="<?php echo h($details['summary']); ?>"<?php echo field_state($errors, 'summary'); ?> />
<span class="hint">One or two sentences, shown in lists.</span></p>
<p class="field"><label for="f-description">Description</label>
<textarea id="f-description" name="description" rows="12" cols="70"<?php echo field_state($errors, 'description'); ?>>
<?php echo h($details['description']); ?></textarea>
<span class="hint">BBCode works: [b], [i], [url], [img], [list], [quote], [code].</span></p>
<p class="field"><label for="f-version">Version</label>
<input type="text" id="f-version" name="version" size="12" maxlength="20" value="<?php echo h($details['version']); ?>"<?php echo field_state($errors, 'version'); ?> /></p>
<fieldset class="field" id="f-tags"><legend>Tags</legend>
<?php
    foreach ($popular as $i => $tag) {
        echo '<label class="choice" for="f-tag-' . $i . '"><input type="checkbox" id="f-tag-' . $i . '" name="tags[]" value="' . h($tag['name']) . '"'
            . checked(isset($ticked[strtolower($tag['name'])])) . ' /> ' . h($tag['name']) . "</label>\n";
    }
    ?>
<p><label for="f-tags-further">Other tags</label>
<input type="text" id="f-tags-further" name="tags[]" size="40" value="<?php echo h(implode(', ', $further)); ?>" />
<span class="hint">With commas between them.</span></p></fieldset>
<fieldset class="field"><legend>Permissions</legend>
<?php
    foreach (permission_names() as $name => $label) {
        echo '<label class="choice" for="f-permission-' . $name . '"><input type="checkbox" id="f-permission-' . $name . '" name="permissions[' . $name . ']" value="1"'
            . checked(in_array($name, $details['permissions'])) . ' /> ' . $label . "</label>\n";
    }
    echo "</fieldset>\n<fieldset class=\"field\"><legend>Rating</legend>\n";
    foreach (adult_names() as $value => $label) {
        echo '<label class="choice" for="f-adult-' . $value . '"><input type="radio" id="f-adult-' . $value . '" name="adult" value="' . $value . '"'
            . checked($details['adult'] == $value) . ' /> ' . $label . "</label>\n";
    }
    echo "</fieldset>\n";
}

// ---------------------------------------------------------------------------------------------------- rows

// Finds or makes each tag and ties it to the mod. The unique key knows neither case nor accents, so the id of the
// row that is there is used.
function save_tags($mod_id, $tags)
{
    q("DELETE FROM mod_tags WHERE mod_id = " . (int)$mod_id);
    foreach ($tags as $tag) {
        q("INSERT INTO tags (name) VALUES ('" . esc($tag) . "') ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)");
        q("INSERT IGNORE INTO mod_tags (mod_id, tag_id) VALUES (" . (int)$mod_id . ", LAST_INSERT_ID())");
    }
}

// Moves a received archive to files/ and writes its row; returns the id of the row.
function save_archive($mod, $game_domain, $archive, $file)
{
    $path = $game_domain . '/' . (int)$mod['id'] . '/' . bin2hex(random_bytes(6)) . '.' . $archive['kind'];
    storage_move($archive['path'], 'files/' . $path);
    q("INSERT INTO mod_files (mod_id, name, filename, path, version, category, size_bytes, md5, changelog, `primary`, uploaded) VALUES ("
        . (int)$mod['id'] . ", '" . esc($file['name']) . "', '" . esc($archive['filename']) . "', '" . esc($path) . "', '"
        . esc($file['version']) . "', '" . esc($file['category']) . "', " . (int)$archive['size'] . ", '" . esc($archive['md5']) . "', "
        . ($file['changelog'] == '' ? 'NULL' : "'" . esc($file['changelog']) . "'") . ", b'" . ($file['primary'] ? '1' : '0') . "', NOW(6))");
    $id = db()->insert_id;
    q("UPDATE mods SET size_bytes = size_bytes + " . (int)$archive['size'] . " WHERE id = " . (int)$mod['id']);
    return $id;
}

function save_screens($mod, $game_domain, $screens)
{
    $position = (int)val("SELECT COALESCE(MAX(`position`), 0) FROM mod_images WHERE mod_id = " . (int)$mod['id']);
    foreach ($screens as $screen) {
        $path = $game_domain . '/' . (int)$mod['id'] . '/' . bin2hex(random_bytes(6)) . strrchr($screen['path'], '.');
        storage_move($screen['path'], 'images/' . $path);
        q("INSERT INTO mod_images (mod_id, path, caption, `position`) VALUES (" . (int)$mod['id'] . ", '" . esc($path) . "', '"
            . esc($screen['caption']) . "', " . (++$position) . ")");
    }
}

// The counters that PHP keeps: $change is 1 when a mod becomes visible and -1 when it is hidden.
function count_mod($mod, $change)
{
    $change = $change > 0 ? '+ 1' : '- 1';
    q("UPDATE users SET mod_count = GREATEST(CAST(mod_count AS SIGNED) " . $change . ", 0) WHERE id = " . (int)$mod['user_id']);
    q("UPDATE games SET mod_count = GREATEST(CAST(mod_count AS SIGNED) " . $change . ", 0) WHERE id = " . (int)$mod['game_id']);
}

// Why a draft cannot be published yet, or ''.
function draft_problem($mod)
{
    if (trim($mod['summary']) == '') return 'The mod needs a summary before it can be published.';
    if (!val("SELECT COUNT(*) FROM mod_files WHERE mod_id = " . (int)$mod['id'])) return 'The mod needs a file before it can be published.';
    return '';
}

// The first published mod makes a member a creator.
function publish_mod($mod)
{
    q("UPDATE mods SET status = 'published', published = '" . date('Y-m-d H:i:s') . "' WHERE id = " . (int)$mod['id']);
    count_mod($mod, 1);
    q("UPDATE users SET `rank` = 1 WHERE id = " . (int)$mod['user_id'] . " AND `rank` = 0");
    if ($_SESSION['user_id'] == $mod['user_id'] && $_SESSION['rank'] == 0) $_SESSION['rank'] = 1;
}

// ---------------------------------------------------------------------------------------------------- choices

function file_kinds()
{
    return array('main' => 'Main file', 'update' => 'Update', 'optional' => 'Optional file', 'old' => 'Old version', 'misc' => 'Miscellaneous');
}

// Options of a select with the categories of all games, or of one; children stand below their parents.
function category_options($chosen, $only_game = 0)
{
    foreach (games() as $game) {
        if ($only_game ? $game['id'] != $only_game : !$game['active']) continue;
        $children = array();
        foreach (rows("SELECT id, parent_id, name FROM categories WHERE game_id = " . (int)$game['id'] . " ORDER BY name, id") as $category) {
            $children[$category['parent_id']][] = $category;
        }
        echo '<optgroup label="' . h($game['name']) . '">' . "\n";
        category_level($children, 0, 0, $chosen);
        echo "</optgroup>\n";
    }
}

function category_level($children, $parent, $depth, $chosen)
{
    if (!isset($children[$parent]) || $depth > 3) return;
    foreach ($children[$parent] as $category) {
        echo '<option value="' . (int)$category['id'] . '"' . selected($category['id'] == $chosen) . '>' . str_repeat('&nbsp;&nbsp;', $depth)
            . h(fix_utf8($category['name'])) . "</option>\n";
        category_level($children, $category['id'], $depth + 1, $chosen);
    }
}

// The inputs for one archive, in the wizard and on the edit page.
function archive_fields($file, $errors)
{
    ?>
<p class="field"><label for="f-archive">Archive</label>
<input type="file" id="f-archive" name="archive"<?php echo field_state($errors, 'archive'); ?> />
<span class="hint">zip, 7z or rar, <?php echo format_size(archive_bytes_max()); ?> at most.</span></p>
<p class="field"><label for="f-file_name">Name of the file</label>
<input type="text" id="f-file_name" name="file_name" size="50" maxlength="120" value="<?php echo h($file['name']); ?>"<?php echo field_state($errors, 'file_name'); ?> /></p>
<p class="field"><label for="f-file_category">Kind</label>
<select id="f-file_category" name="file_category">
<?php foreach (file_kinds() as $value => $label) { ?>
<option value="<?php echo $value; ?>"<?php echo selected($file['category'] == $value); ?>><?php echo $label; ?></option>
<?php } ?>
</select></p>
<p class="field"><label for="f-changelog">What is new</label>
<textarea id="f-changelog" name="changelog" rows="4" cols="70"<?php echo field_state($errors, 'changelog'); ?>>
<?php echo h($file['changelog']); ?></textarea></p>
<?php
}

function posted_file(&$errors)
{
    $file = array('name' => post_line('file_name'), 'category' => post_text('file_category'), 'changelog' => trim(post_text('changelog')));
    $categories = file_kinds();
    if (!isset($categories[$file['category']])) $file['category'] = 'main';
    if ($file['name'] == '') $errors['file_name'] = 'Please name the file.';
    elseif (text_length($file['name']) > 120) $errors['file_name'] = 'The name of the file may have 120 characters at most.';
    if (strlen($file['changelog']) > 10000) $errors['changelog'] = 'The list of changes is too long.';
    return $file;
}
