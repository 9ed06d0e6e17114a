<?php
error_page(404, 'Page not found', 'There is nothing at <code>' . h($_SERVER['REQUEST_URI']) . '</code>. Maybe the mod was removed, or the link is from the old site.');
