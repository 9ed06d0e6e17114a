<?php
// Change the password. POST: current, password, password2.
require_once 'inc/account.php';

start_session();
require_login();
$user = current_user();
$errors = array();

if (is_post()) {
    csrf_check();
    $password = post_password('password');
    $problem = password_problem($password, $user['username']);
    if (post_password('current') == '') $errors['current'] = 'Please type your current password.';
    elseif (!password_matches($user, post_password('current'))) $errors['current'] = 'This is not your current password.';
    if ($problem != '') $errors['password'] = $problem;
    elseif ($password === post_password('current')) $errors['password'] = 'This is your current password. Please choose another one.';
    elseif ($password !== post_password('password2')) $errors['password2'] = 'The two passwords are not the same.';

    if (!$errors) {
        q("UPDATE users SET password = '" . esc(new_password_hash($password)) . "', salt = '' WHERE id = " . (int)$user['id']);
        // every other browser that remembers this member has to log in again
        q("DELETE FROM remember_tokens WHERE user_id = " . (int)$user['id']);
        if (isset($_COOKIE[REMEMBER_COOKIE])) {
            forget_member();
            remember_member($user);
        }
        session_regenerate_id(true);
        log_activity('password', '', $user['id']);
        flash('ok', 'Your password has been changed.');
        redirect('/dashboard', 303);
    }
}

page_header('Change your password');
?>
<h1>Change your password</h1>
<?php form_errors($errors); ?>
<?php form_open('/index.php?page=password'); ?>
<p class="field"><label for="f-current">Current password</label>
<input type="password" id="f-current" name="current" size="30"<?php echo field_state($errors, 'current'); ?> /></p>
<p class="field"><label for="f-password">New password</label>
<input type="password" id="f-password" name="password" size="30"<?php echo field_state($errors, 'password'); ?> />
<span class="hint">At least <?php echo PASSWORD_MIN; ?> characters, with a letter and a digit.</span></p>
<p class="field"><label for="f-password2">New password again</label>
<input type="password" id="f-password2" name="password2" size="30"<?php echo field_state($errors, 'password2'); ?> /></p>
<p class="buttons"><input type="submit" class="button" value="Change password" /> <a href="/dashboard">Cancel</a></p>
</form>
<?php
page_footer();
