<?php
// Hides a mod, shows it again, or publishes a draft. The author and admins may.
// POST: id, action=hide|unhide|publish, from=dashboard. GET asks first.
require_once 'inc/account.php';
require_once 'inc/upload.php';

start_session();
$user = require_login();
$id = is_post() ? post_int('id') : get_int('id');
$mod = row("SELECT m.*, g.domain FROM mods m, games g WHERE m.id = " . $id . " AND g.id = m.game_id AND m.status <> 'removed'");
if (!$mod) {
    error_page(404, 'Mod not found', 'There is no such mod.');
}
if ($mod['user_id'] != $user['id'] && !is_admin()) {
    error_page(403, 'Not your mod', 'Only the author and the admins may do that.');
}

if (is_post()) {
    csrf_check();
    $action = post_text('action');
    $name = fix_utf8($mod['name']);
    if ($action == 'hide' && $mod['status'] == 'published') {
        q("UPDATE mods SET status = 'hidden' WHERE id = " . $id);
        count_mod($mod, -1);
        flash('ok', '"' . $name . '" is hidden now. Only you and the admins see it.');
    } elseif ($action == 'unhide' && $mod['status'] == 'hidden') {
        q("UPDATE mods SET status = 'published', published = IFNULL(published, '" . date('Y-m-d H:i:s') . "') WHERE id = " . $id);
        count_mod($mod, 1);
        flash('ok', '"' . $name . '" can be seen again.');
    } elseif ($action == 'publish' && $mod['status'] == 'draft') {
        $problem = draft_problem($mod);
        if ($problem != '') {
            flash('error', $problem);
            redirect('/edit?id=' . $id, 303);
        }
        publish_mod($mod);
        flash('ok', '"' . $name . '" is published.');
    } else {
        flash('info', 'Nothing to do: "' . $name . '" is ' . $mod['status'] . '.');
    }
    log_activity($action == 'hide' ? 'hide' : 'publish', (string)$id, $user['id']);
    redirect(post_text('from') == 'dashboard' ? '/dashboard' : mod_url($mod), 303);
}

$hide = $mod['status'] == 'published';
$verb = $hide ? 'Hide' : ($mod['status'] == 'draft' ? 'Publish' : 'Show');
page_header($verb . ' ' . fix_utf8($mod['name']), array('noindex' => true));
?>
<h1><?php echo $verb; ?> this mod?</h1>
<div class="box">
<p><?php
if ($hide) echo 'Nobody but you and the admins will see <strong>' . h(fix_utf8($mod['name'])) . '</strong>. Its files cannot be downloaded, comments and endorsements are kept.';
else echo 'Everybody will see <strong>' . h(fix_utf8($mod['name'])) . '</strong>.';
?></p>
<?php form_open('/hide'); ?>
<p class="buttons"><input type="hidden" name="id" value="<?php echo $id; ?>" />
<button type="submit" class="button" name="action" value="<?php echo $hide ? 'hide' : ($mod['status'] == 'draft' ? 'publish' : 'unhide'); ?>"><?php echo $verb; ?> it</button>
<a href="<?php echo h(mod_url($mod)); ?>">Cancel</a></p>
</form>
</div>
<?php
page_footer();
