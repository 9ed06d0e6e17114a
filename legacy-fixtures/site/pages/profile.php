<?php
/* A member: index.php?page=profile&id=2 or /users/2 */
$id = isset($_GET['id']) ? (int) $_GET['id'] : 0;
$member = row("SELECT id, username, email, `rank`, avatar, signature, about, country, gender, birthday, joined, last_login, mod_count,
    options, karma, banned + 0 AS banned FROM users WHERE id = $id");
if (!$member) {
    // has said 200 since 2006
    error_page(200, 'No such member', 'There is no member number ' . $id . '.');
}
$user = current_user();
$mine = $user && $user['id'] == $member['id'];
$status = $mine || is_admin() ? "m.status <> 'removed'" : "m.status = 'published'";
$total = (int) val("SELECT COUNT(*) FROM mods m WHERE m.user_id = $id AND $status");
$page = page_number(isset($_GET['p']) ? $_GET['p'] : 1, $total, MODS_PER_PAGE);
$mods = rows("SELECT " . mod_columns() . " FROM mods m LEFT JOIN users u ON u.id = m.user_id WHERE m.user_id = $id AND $status
    ORDER BY m.id DESC LIMIT " . (($page - 1) * MODS_PER_PAGE) . ", " . MODS_PER_PAGE);
$comments = rows("SELECT c.id, c.body, c.created, m.id AS mod_id, m.game_id, m.name FROM comments c JOIN mods m ON m.id = c.mod_id
    WHERE c.user_id = $id AND c.deleted = 0 AND m.status = 'published' ORDER BY c.id DESC LIMIT 5");
$options = explode(',', $member['options']);
$genders = array('m' => 'male', 'f' => 'female', 'other' => 'other');

page_header($member['username'], array('class' => 'profile withside', 'canonical' => user_url($member), 'crumbs' => array()));
?>
<div class="left">
<div class="box">
<h1><?php echo h($member['username']); ?></h1>
<p><img class="avatar" src="<?php echo avatar_url($member['avatar']); ?>" width="128" height="128" alt="" /></p>
<p><span class="badge"><?php echo rank_name($member['rank']); ?></span><?php if ($member['banned']) { ?> <span class="badge adult">Banned</span><?php } ?></p>
<?php if ($mine) { ?>
<p><a href="/dashboard">My dashboard</a><br /><a href="/password">Change my password</a></p>
<?php } ?>
</div>
<div class="box">
<h2>Facts</h2>
<table class="facts">
<tr><th scope="row">Joined</th><td><?php echo format_date(substr($member['joined'], 0, 10)); ?></td></tr>
<tr><th scope="row">Last login</th><td><?php echo $member['last_login'] == '0000-00-00 00:00:00' ? 'never' : format_date(substr($member['last_login'], 0, 10)); ?></td></tr>
<tr><th scope="row">Country</th><td><?php echo $member['country'] != '' ? h($member['country']) : 'unknown'; ?></td></tr>
<tr><th scope="row">Gender</th><td><?php echo isset($genders[$member['gender']]) ? $genders[$member['gender']] : 'unknown'; ?></td></tr>
<tr><th scope="row">Birthday</th><td><?php echo format_date($member['birthday']); ?></td></tr>
<tr><th scope="row">Mods</th><td><?php echo format_count($member['mod_count']); ?></td></tr>
<tr><th scope="row">Karma</th><td><?php echo $member['karma']; ?></td></tr>
<?php if ($user && !in_array('hide_email', $options)) { ?>
<tr><th scope="row">E-mail</th><td><?php echo h(str_replace('@', ' at ', $member['email'])); ?></td></tr>
<?php } ?>
</table>
</div>
</div>
<div class="right">
<?php if ((string) $member['about'] !== '') { ?>
<div class="box">
<h2>About</h2>
<div class="bb"><?php echo bbcode($member['about']); ?></div>
</div>
<?php } ?>
<div class="box">
<h2>Mods (<?php echo format_count($total); ?>)</h2>
<?php if (!$mods) { ?>
<p><?php echo h($member['username']); ?> has not published anything.</p>
<?php } ?>
<?php mod_list($mods); ?>
<?php echo paginate($total, MODS_PER_PAGE, $page, user_url($member) . '?p={page}'); ?>
</div>
<div class="box">
<h2>Latest comments</h2>
<?php if (!$comments) { ?>
<p>No comments.</p>
<?php } ?>
<?php foreach ($comments as $c) { ?>
<p class="meta"><?php echo format_date($c['created']); ?> on <a href="<?php echo mod_url(array('id' => $c['mod_id'], 'game_id' => $c['game_id'])); ?>#comments"><?php echo h(fix_utf8($c['name'])); ?></a></p>
<div class="bb"><?php echo bbcode($c['body']); ?></div>
<?php } ?>
</div>
<?php if ($member['signature'] != '') { ?>
<div class="box">
<h2>Signature</h2>
<div class="bb"><?php echo bbcode($member['signature']); ?></div>
</div>
<?php } ?>
</div>
<?php
page_footer();
