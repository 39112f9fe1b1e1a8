<?php

declare(strict_types=1);

namespace Toll;

/** JSON as the API has it. */
final class Json
{
    /** @param array<string, mixed> $body of a request */
    public static function encode(array $body): string
    {
        return json_encode((object) self::withIds($body), JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES);
    }

    /** Ids and references are texts to the server; databases count, so integers are taken for them. */
    public static function withIds(array $fields): array
    {
        $result = [];
        foreach ($fields as $name => $value) {
            $result[$name] = match (true) {
                is_int($value) && preg_match('/^id$|_id$|_ref$/', (string) $name) === 1 => (string) $value,
                $name === 'members' && is_array($value) => array_map(self::asId(...), array_values($value)),
                is_array($value) => self::withIds($value),
                default => $value,
            };
        }
        return $result;
    }

    /** @throws UnreadableAnswer */
    public static function decode(string $text): array
    {
        try {
            $value = json_decode($text, true, 64, JSON_THROW_ON_ERROR);
        } catch (\JsonException $error) {
            throw new UnreadableAnswer('the answer is no JSON', 0, $error);
        }
        return is_array($value) ? $value : throw new UnreadableAnswer('the answer is no JSON object');
    }

    private static function asId(mixed $value): mixed
    {
        return is_int($value) ? (string) $value : $value;
    }
}
