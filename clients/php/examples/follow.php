<?php

// Keeps a local copy of every doctor's balance by following the feed; needs no webhook.
//
//     php examples/follow.php http://127.0.0.1:8080 balances.json [TOKEN]
//
// The copy and the sequence number of the last event are one file, replaced in one step: started
// again after any interruption, it goes on where the file stands.

declare(strict_types=1);

require __DIR__ . '/../toll.php';

[, $url, $file] = $argv;
$toll = new Toll\Toll($url, ['token' => $argv[3] ?? null]);

$copy = is_file($file)
    ? json_decode(file_get_contents($file), true, flags: JSON_THROW_ON_ERROR)
    : ['seq' => 0, 'balances' => []];

foreach ($toll->stream($copy['seq']) as $event) {
    $copy['seq'] = $event['seq'];
    $by = match ($event['type']) {
        'charged', 'ended', 'withdrawal_rejected' => $event['amount'],
        'refunded', 'withdrawal_requested' => -$event['amount'],
        default => 0,
    };
    if ($by !== 0) {
        $copy['balances'][$event['doctor_id']] = ($copy['balances'][$event['doctor_id']] ?? 0) + $by;
    }
    file_put_contents("$file.new", json_encode($copy, JSON_THROW_ON_ERROR));
    rename("$file.new", $file);
    if ($by !== 0) {
        echo "$event[seq]: $event[doctor_id] has {$copy['balances'][$event['doctor_id']]}\n";
    }
}
