<?php
// Outgoing mail. There is no mail server any more: every letter is a file in MV_STORAGE/mail/.
// Needs inc/common.php.

define('MAIL_FROM_NAME', 'ModVault');
define('MAIL_FROM', 'noreply@modvault.example');
define('MAIL_CONTACT', 'contact@modvault.example');

// Header text without line ends (nobody adds a Bcc through the subject), encoded when it is not ASCII.
function mail_header_text($s)
{
    $s = trim(preg_replace('/[\x00-\x1F\x7F]+/', ' ', $s));
    if (!preg_match('/[^\x20-\x7E]/', $s)) return $s;
    // at most 45 bytes in each encoded word, never cutting a character
    $words = array();
    $word = '';
    foreach (preg_split('//u', $s, -1, PREG_SPLIT_NO_EMPTY) as $char) {
        if (strlen($word . $char) > 45) {
            $words[] = '=?UTF-8?B?' . base64_encode($word) . '?=';
            $word = '';
        }
        $word .= $char;
    }
    $words[] = '=?UTF-8?B?' . base64_encode($word) . '?=';
    return implode("\r\n ", $words);
}

// Writes one letter and returns whether that worked. Only Date, Message-ID and the file's name differ between two alike.
function send_mail($to, $subject, $body, $reply_to = '')
{
    $id = bin2hex(random_bytes(8));
    $headers = 'From: ' . MAIL_FROM_NAME . ' <' . MAIL_FROM . ">\r\n"
        . 'To: ' . preg_replace('/[\x00-\x20<>,]+/', '', $to) . "\r\n"
        . ($reply_to == '' ? '' : 'Reply-To: ' . preg_replace('/[\x00-\x20<>,]+/', '', $reply_to) . "\r\n")
        . 'Subject: ' . mail_header_text($subject) . "\r\n"
        . 'Date: ' . date('r') . "\r\n"
        . 'Message-ID: <' . $id . "@modvault.example>\r\n"
        . "MIME-Version: 1.0\r\n"
        . "Content-Type: text/plain; charset=UTF-8\r\n"
        . "Content-Transfer-Encoding: quoted-printable\r\n"
        . "X-Mailer: ModVault mailer 1.3\r\n";
    $body = preg_replace('/\r\n|\r|\n/', "\r\n", $body);
    $letter = $headers . "\r\n" . quoted_printable_encode($body) . "\r\n";

    $folder = getenv('MV_STORAGE') . '/mail';
    if (!is_dir($folder)) @mkdir($folder, 0770, true);
    // written under another name first: whoever reads *.eml never sees half a letter
    $name = $folder . '/' . gmdate('Ymd-His') . '-' . $id;
    return @file_put_contents($name . '.part', $letter) !== false && @rename($name . '.part', $name . '.eml');
}
