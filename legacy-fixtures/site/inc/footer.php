<?php
/* Bottom of every page. */
function page_footer() {
?>
</div>
<div id="footer">
<p><a href="/news">News</a> | <a href="/stats.php">Statistics</a> | <a href="/index.php?page=rules">Rules</a> | <a href="/contact">Contact</a> | <a href="/rss.xml">RSS</a> | <a href="/sitemap.xml">Sitemap</a></p>
<p>&copy; 2006-2014 the ModVault team. Mods belong to those who made them. Best viewed at 1024x768.</p>
</div>
</div>
</body>
</html>
<?php
}
