<?php
/* Home page. The newest mods have the highest numbers, so nothing has to be sorted. */
$columns = mod_columns();
$latest = rows("SELECT $columns FROM mods m LEFT JOIN users u ON u.id = m.user_id WHERE m.status = 'published' ORDER BY m.id DESC LIMIT 10");
$trending = rows("SELECT m.id, m.game_id, m.name, m.endorsement_count
    FROM (SELECT id, game_id, name, endorsement_count FROM mods WHERE status = 'published' AND adult <> 1 ORDER BY id DESC LIMIT 300) m
    ORDER BY m.endorsement_count DESC, m.id DESC LIMIT 6");
$updated = rows("SELECT id, game_id, name, version, updated FROM mods WHERE status = 'published' ORDER BY updated DESC, id DESC LIMIT 8");
$news = rows("SELECT id, title, `date` FROM news ORDER BY `date` DESC, id DESC LIMIT 5");

page_header('Home', array('class' => 'home', 'canonical' => '/', 'description' => 'Mods for games, made by those who play them.'));
?>
<div class="left">
<div class="box">
<h1>Trending mods</h1>
<?php if ($trending) { ?>
<ul class="trending">
<?php foreach ($trending as $mod) { ?>
<li><a href="<?php echo mod_url($mod); ?>"><img src="/image.php?mod=<?php echo $mod['id']; ?>&amp;size=thumb" width="182" height="102" alt="" /><?php echo h(fix_utf8($mod['name'])); ?></a><br /><span class="meta"><?php echo count_of($mod['endorsement_count'], 'endorsement'); ?></span></li>
<?php } ?>
</ul>
<?php } else { ?>
<p>There are no mods yet.</p>
<?php } ?>
</div>
<div class="box">
<h2>Latest mods</h2>
<?php mod_list($latest); ?>
</div>
</div>
<div class="right">
<div class="box">
<h2>News</h2>
<?php if ($news) { ?>
<ul class="plain">
<?php foreach ($news as $item) { ?>
<li><span class="date"><?php echo format_date($item['date']); ?></span> <a href="/news?id=<?php echo $item['id']; ?>"><?php echo h($item['title']); ?></a></li>
<?php } ?>
</ul>
<?php } ?>
<p><a href="/news">All news</a></p>
</div>
<div class="box">
<h2>Games</h2>
<ul class="plain">
<?php foreach (games() as $game) { if (!$game['active']) continue; ?>
<li><span class="date"><?php echo count_of($game['mod_count'], 'mod'); ?></span> <a href="/<?php echo $game['domain']; ?>"><?php echo h($game['name']); ?></a></li>
<?php } ?>
</ul>
</div>
<div class="box">
<h2>Updated mods</h2>
<?php if ($updated) { ?>
<ul class="plain">
<?php foreach ($updated as $mod) { ?>
<li><a href="<?php echo mod_url($mod); ?>"><?php echo h(fix_utf8($mod['name'])); ?></a> <span class="version"><?php echo h($mod['version']); ?></span></li>
<?php } ?>
</ul>
<?php } ?>
</div>
</div>
<?php
page_footer();
