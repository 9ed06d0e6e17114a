
<?php
/*
 * Site rules. The empty line above is as old as the page: it is sent to the browser before anything else, and
 * with output_buffering off the headers go with it. What header() wants to add below comes too late.
 */
header("X-Rules-Version: 7");
page_header("Rules", array("class" => "rules", "crumbs" => array()));
?>
<div class="box">
<h1>Rules</h1>
<ol>
<li>Upload only what you have made, or what its author lets you upload.</li>
<li>Say in the description what your mod needs and what it changes.</li>
<li>Mark adult content as such.</li>
<li>Be kind in comments. Bug reports are welcome, insults are not.</li>
<li>No links to pirated games.</li>
<li>One account for each person.</li>
</ol>
<p>Questions? <a href="/contact">Write to us.</a></p>
</div>
<?php
page_footer();
