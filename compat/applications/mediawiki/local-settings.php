<?php
// Both copies run from the same files: which database is whose comes from the environment.
$wgSitename = 'Compat';
$wgScriptPath = '';
$wgArticlePath = '/wiki/$1';
$wgServer = 'http://www.compat.example';
$wgResourceBasePath = '';
$wgDBtype = 'mysql';
$wgDBserver = getenv('COMPAT_DATABASE_HOST');
$wgDBname = getenv('COMPAT_DATABASE');
$wgDBuser = getenv('COMPAT_DATABASE_USER');
$wgDBpassword = getenv('COMPAT_DATABASE_PASSWORD');
$wgDBTableOptions = 'ENGINE=InnoDB, DEFAULT CHARSET=binary';
$wgMainCacheType = CACHE_NONE;
$wgSessionCacheType = CACHE_DB;
// There is one database: no answer has to wait for a replica, and none says by a cookie which write it has to wait for.
$wgChronologyProtectorStash = (string) CACHE_NONE;
$wgSecretKey = str_repeat('compat', 10);
$wgAuthenticationTokenVersion = '1';
$wgEnableUploads = true;
$wgFileExtensions[] = 'pdf';
$wgFileExtensions[] = 'txt';
$wgLanguageCode = 'en';
$wgEnableEmail = false;
// Jobs would run after some answer, of one copy earlier than of the other.
$wgJobRunRate = 0;
// The journeys write faster than people do.
$wgRateLimits = [];
$wgPasswordAttemptThrottle = [];
$wgGroupPermissions['user']['writeapi'] = true;
$wgUseInstantCommons = false;
foreach (['Vector', 'MonoBook', 'Timeless', 'MinervaNeue'] as $skin) {
    wfLoadSkin($skin);
}
$wgDefaultSkin = 'vector';
foreach (['Cite', 'CategoryTree', 'ParserFunctions', 'Poem', 'WikiEditor', 'InputBox', 'ImageMap', 'Gadgets', 'TemplateData',
    'Renameuser', 'Interwiki', 'Nuke', 'PageImages', 'TextExtracts', 'MultimediaViewer', 'CiteThisPage'] as $extension) {
    wfLoadExtension($extension);
}
