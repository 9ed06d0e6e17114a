<?php
// New account. POST: username, email, password, password2, country, gender, birthday[day|month|year], options[], terms.
require_once 'inc/account.php';
require_once 'inc/mail.php';

start_session();
if (current_user()) {
    redirect('/dashboard');
}
$site_options = site_options();
if (isset($site_options['registration']) && !$site_options['registration']) {
    error_page(403, 'Registration is closed', 'We take no new members at the moment. Please come back later.');
}

$countries = array('' => '', 'AU' => 'Australia', 'BR' => 'Brazil', 'CA' => 'Canada', 'CZ' => 'Czech Republic', 'FR' => 'France',
    'DE' => 'Germany', 'IT' => 'Italy', 'JP' => 'Japan', 'NL' => 'Netherlands', 'PL' => 'Poland', 'RU' => 'Russia', 'ES' => 'Spain',
    'SE' => 'Sweden', 'UA' => 'Ukraine', 'GB' => 'United Kingdom', 'US' => 'United States');
// "none" is not in the column's list: MySQL stores '' for it, and that is how it is told apart from "other"
$genders = array('m' => 'Male', 'f' => 'Female', 'other' => 'Other', 'none' => 'I would rather not say');
$options = array('newsletter' => 'Send me the newsletter', 'adult' => 'Show me adult content',
    'beta' => 'Let me try new features', 'hide_email' => 'Hide my e-mail address');
$months = array(1 => 'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December');

$errors = array();
$form = array('username' => '', 'email' => '', 'country' => '', 'gender' => 'none', 'options' => array('newsletter'),
    'day' => 0, 'month' => 0, 'year' => 0);

if (is_post()) {
    csrf_check();
    $birthday = isset($_POST['birthday']) && is_array($_POST['birthday']) ? $_POST['birthday'] : array();
    $form['username'] = post_line('username');
    $form['email'] = post_line('email');
    $form['country'] = isset($countries[post_text('country')]) ? post_text('country') : '';
    $form['gender'] = isset($genders[post_text('gender')]) ? post_text('gender') : 'none';
    $form['options'] = array_values(array_intersect(array_keys($options), post_list('options')));
    foreach (array('day' => 31, 'month' => 12, 'year' => 2014) as $part => $most) {
        $value = isset($birthday[$part]) && is_string($birthday[$part]) && ctype_digit($birthday[$part]) ? (int)$birthday[$part] : 0;
        $form[$part] = $value <= $most ? $value : 0;
    }
    $password = post_password('password');

    if (text_length($form['username']) < 3) $errors['username'] = 'The member name needs at least 3 characters.';
    elseif (text_length($form['username']) > 40) $errors['username'] = 'The member name may have 40 characters at most.';
    elseif (!preg_match('/^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._\'-]*$/u', $form['username'])) {
        $errors['username'] = 'The member name may have letters, digits, spaces and . _ - \' and begins with a letter or digit.';
    }
    if (strlen($form['email']) > 120 || !filter_var($form['email'], FILTER_VALIDATE_EMAIL)) $errors['email'] = 'Please type a valid e-mail address.';
    $problem = password_problem($password, $form['username']);
    if ($problem != '') $errors['password'] = $problem;
    elseif ($password !== post_password('password2')) $errors['password2'] = 'The two passwords are not the same.';
    if (empty($_POST['terms'])) $errors['terms'] = 'Please accept the rules of the site.';

    if (!$errors) {
        $id = create_account($form, $password);
        if (!$id) {
            $errors['username'] = 'The name "' . $form['username'] . '" is taken. Upper and lower case make no difference.';
        } else {
            $user = row("SELECT * FROM users WHERE id = " . (int)$id);
            enter_account($user);
            log_activity('register', $user['username'], $id);
            send_mail($user['email'], 'Welcome to ModVault, ' . $user['username'],
                'Hello ' . $user['username'] . ",\n\nyour account is ready. You can log in with your member name or this address.\n\n"
                . "Have fun,\nthe ModVault team\n");
            flash('ok', 'Welcome to ModVault, ' . $user['username'] . '. Your account is ready.');
            redirect('/dashboard', 303);
        }
    }
}

// The unique key decides whether the name is free; asking first would leave a gap. Returns the id, or 0 when it is taken.
function create_account($form, $password)
{
    // 31 February is stored as MySQL likes it: 0000-00-00
    $birthday = sprintf('%04d-%02d-%02d', $form['year'], $form['month'], $form['day']);
    $sql = "INSERT INTO users (username, email, password, salt, country, gender, birthday, joined, options) VALUES ('"
        . esc($form['username']) . "', '" . esc($form['email']) . "', '" . esc(new_password_hash($password)) . "', '', '"
        . esc($form['country']) . "', '" . esc($form['gender']) . "', '" . $birthday . "', '" . date('Y-m-d H:i:s') . "', '"
        . esc(implode(',', $form['options'])) . "')";
    try {
        if (mysqli_query(db(), $sql)) return mysqli_insert_id(db());
    } catch (mysqli_sql_exception $e) {
        // looked at below
    }
    if (mysqli_errno(db()) == 1062) return 0;
    error_page(500, 'Database error', 'Your account could not be created. Please try again later.');
}

page_header('Create an account');
?>
<h1>Create an account</h1>
<?php form_errors($errors); ?>
<?php form_open('/register'); ?>
<p class="field"><label for="f-username">Member name</label>
<input type="text" id="f-username" name="username" size="30" maxlength="40" value="<?php echo h($form['username']); ?>"<?php echo field_state($errors, 'username'); ?> />
<span class="hint">3 to 40 letters and digits.</span></p>
<p class="field"><label for="f-email">E-mail address</label>
<input type="text" id="f-email" name="email" size="40" maxlength="120" value="<?php echo h($form['email']); ?>"<?php echo field_state($errors, 'email'); ?> /></p>
<p class="field"><label for="f-password">Password</label>
<input type="password" id="f-password" name="password" size="30"<?php echo field_state($errors, 'password'); ?> />
<span class="hint">At least <?php echo PASSWORD_MIN; ?> characters, with a letter and a digit.</span></p>
<p class="field"><label for="f-password2">Password again</label>
<input type="password" id="f-password2" name="password2" size="30"<?php echo field_state($errors, 'password2'); ?> /></p>
<p class="field"><label for="f-country">Country</label>
<select id="f-country" name="country">
<?php foreach ($countries as $code => $name) { ?>
<option value="<?php echo $code; ?>"<?php echo selected($form['country'] == $code); ?>><?php echo $code == '' ? '(not given)' : h($name); ?></option>
<?php } ?>
</select></p>
<fieldset class="field"><legend>Gender</legend>
<?php foreach ($genders as $value => $label) { ?>
<label class="choice" for="f-gender-<?php echo $value; ?>"><input type="radio" id="f-gender-<?php echo $value; ?>" name="gender" value="<?php echo $value; ?>"<?php echo checked($form['gender'] == $value); ?> /> <?php echo $label; ?></label>
<?php } ?>
</fieldset>
<fieldset class="field"><legend>Birthday</legend>
<label for="f-birthday-day">Day</label>
<select id="f-birthday-day" name="birthday[day]">
<option value="0">--</option>
<?php for ($day = 1; $day <= 31; $day++) echo '<option value="' . $day . '"' . selected($form['day'] == $day) . '>' . $day . "</option>\n"; ?>
</select>
<label for="f-birthday-month">Month</label>
<select id="f-birthday-month" name="birthday[month]">
<option value="0">--</option>
<?php foreach ($months as $month => $name) echo '<option value="' . $month . '"' . selected($form['month'] == $month) . '>' . $name . "</option>\n"; ?>
</select>
<label for="f-birthday-year">Year</label>
<select id="f-birthday-year" name="birthday[year]">
<option value="0">----</option>
<?php for ($year = 2014; $year >= 1920; $year--) echo '<option value="' . $year . '"' . selected($form['year'] == $year) . '>' . $year . "</option>\n"; ?>
</select>
</fieldset>
<fieldset class="field"><legend>Options</legend>
<?php foreach ($options as $value => $label) { ?>
<label class="choice" for="f-option-<?php echo $value; ?>"><input type="checkbox" id="f-option-<?php echo $value; ?>" name="options[]" value="<?php echo $value; ?>"<?php echo checked(in_array($value, $form['options'])); ?> /> <?php echo $label; ?></label>
<?php } ?>
</fieldset>
<p class="field"><label class="choice" for="f-terms"><input type="checkbox" id="f-terms" name="terms" value="1"<?php echo checked(!empty($_POST['terms'])) . field_state($errors, 'terms'); ?> /> I accept the rules: upload only what is yours, be kind to others</label></p>
<p class="buttons"><input type="submit" class="button" value="Create account" /></p>
</form>
<p>Already a member? <a href="/login">Log in</a>.</p>
<?php
page_footer();
