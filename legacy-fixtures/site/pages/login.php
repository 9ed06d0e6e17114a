<?php
// Log in. POST: username (or e-mail address), password, remember, return.
require_once 'inc/account.php';

start_session();
$errors = array();
$username = '';
$return = safe_return(is_post() ? post_text('return') : (isset($_GET['return']) ? $_GET['return'] : ''));

if (!is_post() && current_user()) {
    redirect($return);
}

if (is_post()) {
    csrf_check();
    $username = post_line('username');
    $password = post_password('password');
    if ($username == '') $errors['username'] = 'Please type your member name.';
    if ($password == '') $errors['password'] = 'Please type your password.';

    if (!$errors) {
        $user = row("SELECT * FROM users WHERE username = '" . esc($username) . "'");
        if (!$user && strpos($username, '@') !== false) {
            // addresses are not unique: of several accounts the oldest
            $user = row("SELECT * FROM users WHERE email = '" . esc($username) . "' ORDER BY id LIMIT 1");
        }
        if (!$user || !password_matches($user, $password)) {
            log_activity('login_failed', $username, $user ? $user['id'] : null);
            $errors['username'] = 'This member name and password do not belong together.';
        } elseif ($user['banned']) {
            log_activity('login_banned', $username, $user['id']);
            $errors['username'] = 'This account has been closed. Please use the contact form if you think that is a mistake.';
        } else {
            upgrade_password($user, $password);
            enter_account($user);
            if (!empty($_POST['remember'])) remember_member($user);
            log_activity('login', password_scheme($user), $user['id']);
            flash('ok', 'Welcome back, ' . $user['username'] . '.');
            redirect($return);
        }
    }
}

page_header('Log in');
?>
<h1>Log in</h1>
<?php form_errors($errors); ?>
<?php form_open('/login'); ?>
<div><input type="hidden" name="return" value="<?php echo h($return); ?>" /></div>
<p class="field"><label for="f-username">Member name or e-mail address</label>
<input type="text" id="f-username" name="username" size="30" maxlength="120" value="<?php echo h($username); ?>"<?php echo field_state($errors, 'username'); ?> /></p>
<p class="field"><label for="f-password">Password</label>
<input type="password" id="f-password" name="password" size="30"<?php echo field_state($errors, 'password'); ?> /></p>
<p class="field"><label class="choice" for="f-remember"><input type="checkbox" id="f-remember" name="remember" value="1"<?php echo checked(!empty($_POST['remember'])); ?> /> Remember me for <?php echo REMEMBER_DAYS; ?> days</label></p>
<p class="buttons"><input type="submit" class="button" value="Log in" /></p>
</form>
<p>Not a member yet? <a href="/register">Create an account</a>. Forgot your password? <a href="/contact">Write to us</a>.</p>
<?php
page_footer();
