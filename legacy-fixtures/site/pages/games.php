<?php
/* All games. */
page_header('All games', array('canonical' => '/games', 'crumbs' => array()));
?>
<h1>All games</h1>
<ul class="gamelist">
<?php foreach (games() as $game) { if (!$game['active']) continue; ?>
<li><a href="/<?php echo $game['domain']; ?>"><img src="/img/games/<?php echo $game['domain']; ?>.png" width="225" height="116" alt="" /></a>
<h2><a href="/<?php echo $game['domain']; ?>"><?php echo h($game['name']); ?></a></h2>
<p class="meta"><?php echo h($game['genre']); ?>, released <?php echo format_date($game['released']); ?><br /><?php echo count_of($game['mod_count'], 'mod'); ?></p></li>
<?php } ?>
</ul>
<?php
page_footer();
