<?php
// What a creator has here. GET: show=published|draft|hidden, p.
require_once 'inc/account.php';

start_session();
$user = require_login();

$tabs = array('published' => 'Published', 'draft' => 'Drafts', 'hidden' => 'Hidden');
$show = isset($_GET['show']) && is_string($_GET['show']) && isset($tabs[$_GET['show']]) ? $_GET['show'] : 'published';
$counts = array('published' => 0, 'draft' => 0, 'hidden' => 0);
foreach (rows("SELECT status, COUNT(*) AS n FROM mods WHERE user_id = " . (int)$user['id'] . " GROUP BY status") as $count) {
    if (isset($counts[$count['status']])) $counts[$count['status']] = (int)$count['n'];
}
$sums = row("SELECT SUM(download_count) AS downloads, SUM(endorsement_count) AS endorsements, SUM(comment_count) AS comments
    FROM mods WHERE status = 'published' AND user_id = " . (int)$user['id']);

$per_page = 20;
$page = page_number(get_int('p'), $counts[$show], $per_page);
$mods = rows("SELECT m.*, c.name AS category FROM mods m LEFT JOIN categories c ON c.id = m.category_id
    WHERE m.user_id = " . (int)$user['id'] . " AND m.status = '" . $show . "'
    ORDER BY m.id DESC LIMIT " . (($page - 1) * $per_page) . ", " . $per_page);
$games = games();

page_header('Dashboard', array('class' => 'dashboard', 'noindex' => true));
?>
<h1>Dashboard</h1>
<div class="box">
<table class="numbers" summary="Your numbers">
<tr><th scope="row">Mods</th><td id="total-mods"><?php echo format_count($user['mod_count']); ?></td>
<th scope="row">Downloads</th><td><?php echo format_count($sums['downloads']); ?></td>
<th scope="row">Endorsements</th><td><?php echo format_count($sums['endorsements']); ?></td>
<th scope="row">Comments</th><td><?php echo format_count($sums['comments']); ?></td></tr>
</table>
<p><a class="button" href="/upload">Upload a mod</a>
<?php if (!empty($_SESSION['upload'])) { ?>
You have begun an upload: <a href="/upload">go on with it</a>.
<?php } ?>
<a href="/password">Change your password</a></p>
</div>
<ul class="tabs">
<?php foreach ($tabs as $name => $label) { ?>
<li<?php echo $name == $show ? ' class="on"' : ''; ?>><a href="/dashboard<?php echo $name == 'published' ? '' : '?show=' . $name; ?>"><?php echo $label; ?> (<?php echo $counts[$name]; ?>)</a></li>
<?php } ?>
</ul>
<?php if (!$mods) { ?>
<p class="empty"><?php
    if ($show == 'draft') echo 'You have no drafts.';
    elseif ($show == 'hidden') echo 'You have no hidden mods.';
    else echo 'You have not published a mod yet.';
?></p>
<?php } else { ?>
<div class="scroll">
<table class="list" summary="<?php echo $tabs[$show]; ?> mods">
<thead><tr><th scope="col">Mod</th><th scope="col">Game</th><th scope="col">Category</th><th scope="col">Version</th><th scope="col" class="n">Downloads</th>
<th scope="col" class="n">Endorsements</th><th scope="col" class="n">Comments</th><th scope="col">Published</th><th scope="col">Actions</th></tr></thead>
<tbody>
<?php foreach ($mods as $i => $mod) { ?>
<tr class="<?php echo $i % 2 ? 'even' : 'odd'; ?>">
<td class="wide"><a href="<?php echo h(mod_url($mod)); ?>"><?php echo h(fix_utf8($mod['name'])); ?></a></td>
<td><?php echo isset($games[$mod['game_id']]) ? h($games[$mod['game_id']]['name']) : ''; ?></td>
<td><?php echo h(fix_utf8($mod['category'])); ?></td>
<td><?php echo h($mod['version']); ?></td>
<td class="n"><?php echo format_count($mod['download_count']); ?></td>
<td class="n"><?php echo format_count($mod['endorsement_count']); ?></td>
<td class="n"><?php echo format_count($mod['comment_count']); ?></td>
<td><?php echo $mod['published'] === null ? 'never' : format_date($mod['published']); ?></td>
<td class="actions"><a href="/edit?id=<?php echo (int)$mod['id']; ?>">Edit</a>
<?php form_open('/hide', 'inline'); ?>
<div><input type="hidden" name="id" value="<?php echo (int)$mod['id']; ?>" /><input type="hidden" name="from" value="dashboard" />
<?php if ($show == 'published') { ?>
<button type="submit" class="link" name="action" value="hide">Hide</button>
<?php } elseif ($show == 'hidden') { ?>
<button type="submit" class="link" name="action" value="unhide">Show again</button>
<?php } else { ?>
<button type="submit" class="link" name="action" value="publish">Publish</button>
<?php } ?>
</div></form></td>
</tr>
<?php } ?>
</tbody>
</table>
</div>
<?php
    echo paginate($counts[$show], $per_page, $page, '/dashboard?show=' . $show . '&p={page}');
}
page_footer();
