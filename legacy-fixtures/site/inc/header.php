<?php
/*
 * Top of every page.
 * $opts: class (of <body>), game (row, marks the menu), canonical (path), description (plain text), noindex (bool),
 *        crumbs (list of [path, text], without "Home" and without the page itself), script (name in /js/)
 */
function page_header($title, $opts = array()) {
    header('Content-Type: text/html; charset=UTF-8');
    header('X-UA-Compatible: IE=edge');
    ob_start('ob_gzhandler');
    $user = current_user();
    $search = isset($_GET['q']) && is_string($_GET['q']) ? $_GET['q'] : '';
    $game_id = isset($opts['game']) ? $opts['game']['id'] : 0;
?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title><?php echo h($title); ?> - <?php echo SITE_NAME; ?></title>
<?php if (isset($opts['description'])) { ?>
<meta name="description" content="<?php echo h($opts['description']); ?>" />
<?php } ?>
<?php if (!empty($opts['noindex'])) { ?>
<meta name="robots" content="noindex" />
<?php } ?>
<?php if (isset($opts['canonical'])) { ?>
<link rel="canonical" href="<?php echo h(site_url($opts['canonical'])); ?>" />
<?php } ?>
<link rel="stylesheet" type="text/css" href="/css/style.css?v=<?php echo ASSET_VERSION; ?>" />
<link rel="alternate" type="application/rss+xml" title="<?php echo SITE_NAME; ?> - latest mods" href="/rss.xml" />
<link rel="shortcut icon" href="/favicon.ico" />
<?php if (isset($opts['script'])) { ?>
<script type="text/javascript" src="/js/<?php echo $opts['script']; ?>?v=<?php echo ASSET_VERSION; ?>"></script>
<?php } ?>
</head>
<body class="<?php echo isset($opts['class']) ? $opts['class'] : 'page'; ?>">
<div id="wrap">
<div id="header">
<a id="logo" href="/"><img src="/img/logo.png" width="240" height="60" alt="<?php echo SITE_NAME; ?>" /></a>
<form id="search" action="/search" method="get">
<div><label for="search-q">Search mods</label> <input type="text" id="search-q" name="q" value="<?php echo h($search); ?>" maxlength="80" /> <input type="submit" value="Go" /></div>
</form>
<?php if ($user) { ?>
<p id="member">Hello, <a href="<?php echo user_url($user); ?>"><?php echo h($user['username']); ?></a> | <a href="/dashboard">Dashboard</a> | <a href="/upload">Upload</a><?php if ($user['rank'] == 2) { ?> | <a href="/admin">Admin</a><?php } ?> | <a href="/logout?csrf=<?php echo csrf_token(); ?>">Log out</a></p>
<?php } else { ?>
<p id="member"><a href="/login">Log in</a> | <a href="/register">Register</a></p>
<?php } ?>
</div>
<ul id="menu">
<li><a href="/">Home</a></li>
<li><a href="/games">All games</a></li>
<?php foreach (games() as $game) { if (!$game['active']) continue; ?>
<li<?php if ($game['id'] == $game_id) { ?> class="on"<?php } ?>><a href="/<?php echo $game['domain']; ?>"><?php echo h($game['name']); ?></a></li>
<?php } ?>
<li><a href="/news">News</a></li>
</ul>
<div id="main">
<?php if (isset($opts['crumbs'])) { ?>
<p id="crumbs"><a href="/">Home</a> &raquo; <?php foreach ($opts['crumbs'] as $crumb) { ?><a href="<?php echo h($crumb[0]); ?>"><?php echo h($crumb[1]); ?></a> &raquo; <?php } ?><?php echo h($title); ?></p>
<?php } ?>
<?php foreach (take_flashes() as $flash) { ?>
<p class="flash <?php echo h($flash[0]); ?>"><?php echo h($flash[1]); ?></p>
<?php } ?>
<?php
}
