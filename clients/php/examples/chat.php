<?php

// Grants units, bills a chat and prints its statement.
//
//     php examples/chat.php http://127.0.0.1:8080 [TOKEN]

declare(strict_types=1);

require __DIR__ . '/../toll.php';

$toll = new Toll\Toll($argv[1], ['token' => $argv[2] ?? null]);

$toll->putSubscription('example-subscription', [
    'patient_id' => 'example-patient',
    'units' => ['text' => 10],
    'starts_at' => '2026-01-01T00:00:00Z',
    'ends_at' => '2099-01-01T00:00:00Z',
]);
try {
    $id = $toll->startSession([
        'channel' => 'text',
        'patient_id' => 'example-patient',
        'doctor_id' => 'example-doctor',
    ])['id'];
    $toll->activate($id);
    $toll->end($id, ['ended_by' => 'patient']);
    ['session' => $session, 'lines' => $lines] = $toll->statement($id);
    echo "$session[id]: $session[status], $session[sessions_used] units\n";
    foreach ($lines as $line) {
        echo "$line[at]  $line[kind]  $line[units]  {$line['pay']['amount']} {$line['pay']['currency']}\n";
    }
} catch (Toll\NoUnits) {
    echo "The patient has no unit left: top up, or sell a new subscription.\n";
}
