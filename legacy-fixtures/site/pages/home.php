<?php
page_header('Home');
echo '<div class="box"><h1>ModVault</h1></div>' . "\n";
page_footer();
