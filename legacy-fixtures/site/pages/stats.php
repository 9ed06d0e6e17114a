<?php
/* the statistics never moved in here */
redirect_relative('/stats.php', 301);
