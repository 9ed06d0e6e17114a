<?php
// Comments. POST action=add (mod_id, parent_id, body) | edit (id, body) | delete (id), then back to the mod page.
// GET action=edit or delete (id) shows the form.
require_once 'inc/account.php';

define('COMMENT_BYTES_MAX', 10000);
define('COMMENTS_ON_A_PAGE', 20);    // as the mod page has it

$action = is_post() ? post_text('action') : (isset($_GET['action']) && is_string($_GET['action']) ? $_GET['action'] : '');
$id = is_post() ? post_int('id') : get_int('id');
$comment = null;
if ($action == 'add' && is_post()) {
    $mod_id = post_int('mod_id');
} elseif ($action == 'edit' || $action == 'delete') {
    $comment = row("SELECT * FROM comments WHERE id = " . $id . " AND deleted = 0");
    if (!$comment) {
        error_page(404, 'Comment not found', 'This comment does not exist, or it was deleted.');
    }
    $mod_id = (int)$comment['mod_id'];
} else {
    error_page(404, 'Page not found', 'There is nothing to do here.');
}
$mod = row("SELECT m.*, g.domain FROM mods m, games g WHERE m.id = " . $mod_id . " AND g.id = m.game_id");
if (!$mod || ($mod['status'] != 'published' && !is_admin())) {
    error_page(404, 'Mod not found', 'This mod does not exist, or its author has hidden it.');
}

start_session();
$user = current_user();
if (!$user) {
    flash('info', 'Please log in first.');
    redirect('/login?return=' . urlencode(mod_url($mod) . '#comments'));
}
if ($comment && $comment['user_id'] != $user['id'] && !is_admin()) {
    error_page(403, 'Not your comment', 'Only its author and the admins may change a comment.');
}

$errors = array();
$body = $comment ? fix_utf8($comment['body']) : '';
$parent_id = post_int('parent_id');

if (is_post()) {
    csrf_check();
    if ($action == 'delete') {
        comment_delete($comment, $mod);
    }
    $body = trim(post_text('body'));
    if ($body == '') $errors['body'] = 'Please write something.';
    elseif (strlen($body) > COMMENT_BYTES_MAX) $errors['body'] = 'The comment is too long: ' . format_count(strlen($body)) . ' of ' . format_count(COMMENT_BYTES_MAX) . ' bytes.';
    if (!$errors && $action == 'add') comment_add($mod, $user, $parent_id, $body);
    if (!$errors && $action == 'edit') comment_edit($comment, $mod, $body);
}

$titles = array('add' => 'Add a comment', 'edit' => 'Edit your comment', 'delete' => 'Delete this comment?');
$name = fix_utf8($mod['name']);
page_header($titles[$action], array('class' => 'comment-page', 'noindex' => true,
    'crumbs' => array(array(mod_url($mod), $name))));
echo '<h1>' . $titles[$action] . "</h1>\n<p>On <a href=\"" . h(mod_url($mod)) . '">' . h($name) . "</a></p>\n";
form_errors($errors);
form_open('/comment');
?>
<div><input type="hidden" name="action" value="<?php echo h($action); ?>" />
<?php if ($action == 'add') { ?>
<input type="hidden" name="mod_id" value="<?php echo $mod_id; ?>" /><input type="hidden" name="parent_id" value="<?php echo $parent_id; ?>" />
<?php } else { ?>
<input type="hidden" name="id" value="<?php echo (int)$comment['id']; ?>" />
<?php } ?>
</div>
<?php if ($action == 'delete') { ?>
<div class="box bb"><?php echo bbcode($body); ?></div>
<?php } else { ?>
<p class="field"><label for="f-body">Your comment</label>
<textarea id="f-body" name="body" rows="8" cols="70"<?php echo field_state($errors, 'body'); ?>>
<?php echo h($body); ?></textarea>
<span class="hint">BBCode is allowed.</span></p>
<?php } ?>
<p class="buttons"><input type="submit" class="button" value="<?php echo $action == 'delete' ? 'Delete comment' : ($action == 'edit' ? 'Save comment' : 'Post comment'); ?>" />
<a href="<?php echo h(mod_url($mod) . ($comment ? '#comment-' . $comment['id'] : '#comments')); ?>">Cancel</a></p>
</form>
<?php
page_footer();

// The newest comments stand on the first page; find the page that has this one.
function comment_url($mod, $id)
{
    $newer = val("SELECT COUNT(*) FROM comments a, comments b WHERE b.id = " . (int)$id . " AND a.mod_id = b.mod_id
        AND (a.created > b.created OR (a.created = b.created AND a.id > b.id))");
    $page = (int)floor($newer / COMMENTS_ON_A_PAGE) + 1;
    return mod_url($mod) . ($page > 1 ? '?cp=' . $page : '') . '#comment-' . (int)$id;
}

function comment_add($mod, $user, $parent_id, $body)
{
    // the same text once more is a double click
    $last = row("SELECT id, body FROM comments WHERE mod_id = " . (int)$mod['id'] . " AND user_id = " . (int)$user['id'] . " AND deleted = 0 ORDER BY id DESC LIMIT 1");
    if ($last && $last['body'] === $body) {
        flash('info', 'You have posted this comment already.');
        redirect(comment_url($mod, $last['id']), 303);
    }
    $parent = $parent_id ? val("SELECT id FROM comments WHERE id = " . (int)$parent_id . " AND mod_id = " . (int)$mod['id']) : null;
    $ip = ip2long($_SERVER['REMOTE_ADDR']);
    q("INSERT INTO comments (mod_id, user_id, parent_id, body, ip, created) VALUES (" . (int)$mod['id'] . ", " . (int)$user['id'] . ", "
        . ($parent ? (int)$parent : 'NULL') . ", '" . esc($body) . "', " . sprintf('%u', $ip) . ", '" . date('Y-m-d H:i:s') . "')");
    $id = db()->insert_id;
    // a comment is no update of the mod
    q("UPDATE mods SET comment_count = comment_count + 1, updated = updated WHERE id = " . (int)$mod['id']);
    flash('ok', 'Your comment was added.');
    redirect(comment_url($mod, $id), 303);
}

function comment_edit($comment, $mod, $body)
{
    q("UPDATE comments SET body = '" . esc($body) . "', edited = '" . date('Y-m-d H:i:s') . "' WHERE id = " . (int)$comment['id']);
    flash('ok', 'Your comment was changed.');
    redirect(comment_url($mod, $comment['id']), 303);
}

// The row stays, for those who have answered it.
function comment_delete($comment, $mod)
{
    q("UPDATE comments SET deleted = 1 WHERE id = " . (int)$comment['id']);
    q("UPDATE mods SET comment_count = comment_count - 1, updated = updated WHERE id = " . (int)$mod['id']);
    flash('ok', 'The comment was deleted.');
    redirect(comment_url($mod, $comment['id']), 303);
}
