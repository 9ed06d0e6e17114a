<?php
// Something to read: run once, before the site is copied.
$_SERVER['HTTP_HOST'] = 'www.compat.example';
require getcwd() . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/image.php';

$wp_rewrite->set_permalink_structure('/%year%/%monthnum%/%postname%/');
$wp_rewrite->flush_rules(false);
update_option('blogdescription', 'Ünïcode & "quotes" <here>');
update_option('posts_per_page', 5);
update_option('uploads_use_yearmonth_folders', 1);
update_option('comment_previously_approved', 0);
wp_set_current_user(1);
kses_remove_filters();

$users = ['editor' => 'Edda Editor', 'author' => 'Arthur Author', 'subscriber' => 'Susi Subscriber'];
foreach ($users as $role => $name) {
    $authors[] = wp_insert_user(['user_login' => $role, 'user_pass' => "$role-Password 7", 'role' => $role,
        'display_name' => $name, 'user_email' => "$role@www.compat.example", 'user_registered' => '2024-01-01 10:00:00']);
}
$categories = array_map(fn ($name) => wp_insert_term($name, 'category')['term_id'], ['Trees', 'Rivers', 'Städte & Dörfer']);

// An application password that the journeys know.
update_user_meta(1, '_application_passwords', [['uuid' => '6f0b4a9e-3a44-4f2c-9d0e-1b2c3d4e5f60', 'app_id' => '',
    'name' => 'compat', 'password' => wp_hash_password('abcdefghijklmnopqrstuvwx'), 'created' => 1700000000,
    'last_used' => null, 'last_ip' => null]]);
update_network_option(null, 'using_application_passwords', 1);

$uploads = wp_upload_dir('2024/03');
wp_mkdir_p($uploads['path']);
foreach ([1, 2, 3] as $number) {
    $file = "{$uploads['path']}/picture-$number.jpg";
    $picture = imagecreatetruecolor(1600, 1200);
    for ($line = 0; $line < 120; $line++) {
        imagefilledrectangle($picture, $line * 13, 0, $line * 13 + 12, 1200, ($line * 131071 * $number) & 0xffffff);
    }
    imagejpeg($picture, $file, 70);
    $attachments[] = $id = wp_insert_attachment(['post_title' => "Picture $number", 'post_mime_type' => 'image/jpeg',
        'post_date' => '2024-03-01 09:00:00', 'post_status' => 'inherit'], $file);
    wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file));
}

foreach (range(1, 30) as $number) {
    $image = wp_get_attachment_url($attachments[$number % 3]);
    $id = wp_insert_post([
        'post_title' => "Post $number: “curly” & <em>marked</em> ☃",
        'post_name' => "post-$number",
        'post_content' => "<!-- wp:paragraph --><p>Paragraph $number with a <a href=\"/?p=1\">link</a>.</p><!-- /wp:paragraph -->"
            . "<!-- wp:image --><figure class=\"wp-block-image\"><img src=\"$image\" alt=\"\"/></figure><!-- /wp:image -->"
            . str_repeat("<!-- wp:paragraph --><p>Lorem ipsum dolor sit amet $number 🌲.</p><!-- /wp:paragraph -->", $number)
            . ($number % 7 === 0 ? '<!--nextpage--><p>Second page</p>' : ''),
        'post_status' => $number === 29 ? 'private' : ($number === 28 ? 'draft' : 'publish'),
        'post_password' => $number === 27 ? 'sesame' : '',
        'post_author' => $authors[$number % 2],
        'post_date' => sprintf('2024-%02d-%02d 12:00:00', 1 + $number % 9, 1 + $number % 28),
        'post_category' => [$categories[$number % 3]],
        'tags_input' => ["tag $number", 'common'],
    ]);
    set_post_thumbnail($id, $attachments[$number % 3]);
    foreach (range(1, $number % 5) as $comment) {
        if ($number % 5 === 0) break;
        wp_insert_comment(['comment_post_ID' => $id, 'comment_author' => "Reader $comment", 'comment_content' => "Comment $comment <b>bold</b>",
            'comment_author_email' => "reader$comment@example.org", 'comment_date' => sprintf('2024-10-%02d %02d:0%d:00', $number % 28 + 1, $number % 24, $comment), 'comment_approved' => $comment === 4 ? 0 : 1]);
    }
}
stick_post($id - 5);
foreach (['About', 'Contact', 'Imprint'] as $number => $title) {
    $pages[] = wp_insert_post(['post_type' => 'page', 'post_title' => $title, 'post_status' => 'publish', 'comment_status' => 'open',
        'post_content' => "<p>The page $title.</p>", 'post_date' => '2024-02-02 02:02:02', 'post_parent' => $pages[0] ?? 0]);
}
