<?php
/*
 * api_feedback.php - what the desktop application's "Send feedback" sends: multipart/form-data with
 * feedback_text, feedback_title, feedback_file, grouping_key, reference. Kept in activity_log.
 */

define('FEEDBACK_FILE_BYTES_MAX', 20971520);

function feedback_field($name, $bytes_max)
{
    $value = isset($_POST[$name]) && is_string($_POST[$name]) ? $_POST[$name] : '';
    return substr($value, 0, $bytes_max);
}

function api_feedback($member)
{
    $feedback = array(
        'title' => feedback_field('feedback_title', 255),
        'text' => feedback_field('feedback_text', 60000),
        'grouping_key' => feedback_field('grouping_key', 100),
        'reference' => feedback_field('reference', 100),
        'file' => '',
    );
    if (trim($feedback['text']) === '') {
        api_fail(422, 'feedback_text is required');
    }
    $upload = isset($_FILES['feedback_file']) && is_string($_FILES['feedback_file']['name']) ? $_FILES['feedback_file'] : null;
    if ($upload && ($upload['error'] !== UPLOAD_ERR_OK || $upload['size'] > FEEDBACK_FILE_BYTES_MAX)) {
        api_fail(422, 'feedback_file could not be taken');
    }
    if ($upload) {
        $feedback['file'] = feedback_keep_file($upload);
    }
    $user_id = $member ? (int) $member['id'] : 'NULL';
    q("INSERT INTO activity_log (user_id, action, detail) VALUES ($user_id, 'feedback',
       X'" . bin2hex(serialize($feedback)) . "')");
    $id = db()->insert_id;
    $at = api_time(api_seconds(val("SELECT at FROM activity_log WHERE id = $id"), 'UTC'));
    api_answer(array(
        'id' => (int) $id,
        'status' => 0,
        'created_at' => $at,
        'updated_at' => $at,
        'reference' => $feedback['reference'],
        'grouping_key' => $feedback['grouping_key'],
        'github_issue' => null,
        'user_blacklisted' => false,
        'count' => 1,
    ), 201);
}

function feedback_keep_file($upload)
{
    $path = 'uploads/feedback-' . bin2hex(random_bytes(8)) . '.bin';
    if (!move_uploaded_file($upload['tmp_name'], getenv('MV_STORAGE') . '/' . $path)) {
        api_fail(500, 'feedback_file could not be stored');
    }
    return $path;
}

function api_own_issues($member)
{
    $issues = array();
    foreach (rows("SELECT id, detail FROM activity_log WHERE user_id = {$member['id']} AND action = 'feedback'
                    ORDER BY id DESC LIMIT 50") as $row) {
        $feedback = @unserialize($row['detail'], array('allowed_classes' => false));
        $issues[] = array('id' => (int) $row['id'], 'issue_number' => (int) $row['id'], 'issue_state' => 'open',
            'issue_title' => is_array($feedback) ? $feedback['title'] : '');
    }
    api_answer(array('issues' => $issues));
}
