<?php
/* All games. */
page_header('All games', array('canonical' => '/games', 'crumbs' => array()));
?>
<h1>All games</h1>
<ul class="gamelist">
<?php foreach (games() as $game) { if (!$game['active']) continue; ?>
<li><a href="/<?php echo $game['domain']; ?>"><img src="/img/games/<?php echo $game['domain']; ?>.png" width="214" height="110" alt="" /></a>
<h2><a href="/<?php echo $game['domain']; ?>"><?php echo h($game['name']); ?></a></h2>
<p class="meta"><?php echo h($game['genre']); ?>, released <?php echo format_date($game['released']); ?><br /><?php echo format_count($game['mod_count']); ?> mods</p></li>
<?php } ?>
</ul>
<?php
page_footer();
