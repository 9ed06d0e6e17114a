<?php
// Contact form. GET mod=N reports a mod. POST: name, email, topic, subject, message, copy. The letter goes to MV_STORAGE/mail/.
require_once 'inc/account.php';
require_once 'inc/mail.php';

start_session();
$user = current_user();
$topics = array('help' => 'I need help', 'password' => 'I forgot my password', 'report' => 'Report a mod or a comment',
    'copyright' => 'Copyright', 'other' => 'Something else');
$errors = array();
$form = array('name' => $user ? $user['username'] : '', 'email' => $user ? $user['email'] : '', 'topic' => '', 'subject' => '', 'message' => '');

// "Report this mod" on the mod page
if (!is_post() && get_int('mod')) {
    $reported = row("SELECT id, name FROM mods WHERE status = 'published' AND id = " . get_int('mod'));
    if ($reported) {
        $form['topic'] = 'report';
        $form['subject'] = preg_replace('/^(.{0,120}).*$/us', '$1', 'Mod ' . $reported['id'] . ': ' . fix_utf8($reported['name']));
    }
}

if (is_post()) {
    csrf_check();
    $form = array('name' => post_line('name'), 'email' => post_line('email'), 'topic' => post_text('topic'),
        'subject' => post_line('subject'), 'message' => trim(post_text('message')));
    if ($form['name'] == '') $errors['name'] = 'Please tell us your name.';
    elseif (text_length($form['name']) > 80) $errors['name'] = 'The name may have 80 characters at most.';
    if (strlen($form['email']) > 120 || !filter_var($form['email'], FILTER_VALIDATE_EMAIL)) $errors['email'] = 'Please type a valid e-mail address, so that we can answer.';
    if (!isset($topics[$form['topic']])) $errors['topic'] = 'Please choose what it is about.';
    if ($form['subject'] == '') $errors['subject'] = 'Please give a subject.';
    elseif (text_length($form['subject']) > 120) $errors['subject'] = 'The subject may have 120 characters at most.';
    if (text_length($form['message']) < 10) $errors['message'] = 'Please write at least 10 characters.';
    elseif (strlen($form['message']) > 10000) $errors['message'] = 'The message is too long.';

    if (!$errors) {
        $body = 'Name: ' . $form['name'] . "\nMember: " . ($user ? '#' . $user['id'] . ' ' . $user['username'] : 'no') . "\nTopic: "
            . $topics[$form['topic']] . "\n\n" . $form['message'] . "\n";
        $sent = send_mail(MAIL_CONTACT, '[' . $form['topic'] . '] ' . $form['subject'], $body, $form['email']);
        if ($sent && !empty($_POST['copy'])) {
            $sent = send_mail($form['email'], 'Your message: ' . $form['subject'], "You wrote to us:\n\n" . $body);
        }
        if ($sent) {
            flash('ok', 'Thank you, ' . $form['name'] . '. Your message is on its way.');
            redirect('/contact', 303);
        }
        $errors['message'] = 'Your message could not be sent. Please try again later.';
    }
}

page_header('Contact');
?>
<h1>Contact</h1>
<p>Write to the team. We answer by e-mail, mostly within two days.</p>
<?php form_errors($errors); ?>
<?php form_open('/contact'); ?>
<p class="field"><label for="f-name">Your name</label>
<input type="text" id="f-name" name="name" size="30" maxlength="80" value="<?php echo h($form['name']); ?>"<?php echo field_state($errors, 'name'); ?> /></p>
<p class="field"><label for="f-email">Your e-mail address</label>
<input type="text" id="f-email" name="email" size="40" maxlength="120" value="<?php echo h($form['email']); ?>"<?php echo field_state($errors, 'email'); ?> /></p>
<p class="field"><label for="f-topic">About</label>
<select id="f-topic" name="topic"<?php echo field_state($errors, 'topic'); ?>>
<option value="">Please choose</option>
<?php foreach ($topics as $value => $label) { ?>
<option value="<?php echo $value; ?>"<?php echo selected($form['topic'] === $value); ?>><?php echo h($label); ?></option>
<?php } ?>
</select></p>
<p class="field"><label for="f-subject">Subject</label>
<input type="text" id="f-subject" name="subject" size="60" maxlength="120" value="<?php echo h($form['subject']); ?>"<?php echo field_state($errors, 'subject'); ?> /></p>
<p class="field"><label for="f-message">Message</label>
<textarea id="f-message" name="message" rows="10" cols="70"<?php echo field_state($errors, 'message'); ?>>
<?php echo h($form['message']); ?></textarea></p>
<p class="field"><label class="choice" for="f-copy"><input type="checkbox" id="f-copy" name="copy" value="1"<?php echo checked(!empty($_POST['copy'])); ?> /> Send me a copy</label></p>
<p class="buttons"><input type="submit" class="button" value="Send" /></p>
</form>
<?php
page_footer();
