<?php

declare(strict_types=1);

namespace Toll\Testing;

use PHPUnit\Framework\Assert;

/** Remembers calls, answers them, and says what was called. */
trait Records
{
    /** @var list<array{string, list<mixed>}> */
    private array $calls = [];

    /** @param array<string, mixed> $answers by method: an answer, an error to throw, or a function of the arguments */
    public function __construct(private array $answers = [])
    {
        $unknown = array_diff(array_keys($answers), get_class_methods(\Toll\Client::class));
        if ($unknown !== []) {
            throw new \InvalidArgumentException('no such method: ' . implode(', ', $unknown));
        }
    }

    /** @return list<list<mixed>> the arguments of each call of the method, in order */
    public function calls(string $method): array
    {
        return array_column(array_filter($this->calls, fn (array $call) => $call[0] === $method), 1);
    }

    /** @param ?callable $with of the arguments, true for the call that is meant */
    public function assertCalled(string $method, ?callable $with = null): void
    {
        $found = array_filter($this->calls($method), fn (array $args) => $with === null || $with(...$args));
        $this->assert($found !== [], "$method was not called" . ($with === null ? '' : ' so'));
    }

    public function assertNotCalled(string $method): void
    {
        $this->assert($this->calls($method) === [], "$method was called");
    }

    private function answer(string $method, array $args): mixed
    {
        $this->calls[] = [$method, $args];
        $answer = array_key_exists($method, $this->answers) ? $this->answers[$method] : Answers::to($method, $args);
        return match (true) {
            $answer instanceof \Throwable => throw $answer,
            $answer instanceof \Closure => $answer(...$args),
            default => $answer,
        };
    }

    /** PHPUnit counts it, where there is one. */
    private function assert(bool $holds, string $message): void
    {
        if (class_exists(Assert::class)) {
            Assert::assertTrue($holds, $message);
        } elseif (!$holds) {
            throw new \AssertionError($message);
        }
    }
}
