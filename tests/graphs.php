<?php
// Writes values of PHP's own, a line of JSON each: serialized, and what is in it. Values stand twice, by handle and by
// reference; with "custom" some objects serialize themselves.

enum Colour: string
{
    case Red = 'Red';
    case Blue = 'Blue';
}

class Above
{
    private mixed $hidden = 'above';
}

class Below extends Above implements JsonSerializable
{
    private mixed $hidden = null;
    protected mixed $shared = null;

    public function __construct(mixed $value)
    {
        $this->hidden = $this->shared = $value;
    }

    public function jsonSerialize(): mixed
    {
        return ['hidden' => $this->hidden, 'shared' => $this->shared];
    }
}

#[AllowDynamicProperties]
class Custom implements Serializable, JsonSerializable
{
    public function __construct(private string $text)
    {
    }

    public function serialize()
    {
        return serialize([$this->text, 'r:1;}', [1, 2]]);
    }

    public function unserialize($data)
    {
    }

    public function jsonSerialize(): mixed
    {
        return 'custom';
    }
}

final class Graphs
{
    /** @var list<mixed> */
    private array $made = [];

    public function __construct(private bool $custom)
    {
    }

    public function value(int $depth): mixed
    {
        $kind = mt_rand(0, $depth > 4 ? 6 : 10);
        $value = match (true) {
            $kind === 0 => mt_rand(-5, 5),
            $kind === 1 => 'قيد',
            $kind === 2 => null,
            $kind === 3 => mt_rand(0, 1) === 1 ? Colour::Red : Colour::Blue,
            $kind === 4 && $this->made !== [] => $this->made[array_rand($this->made)],
            $kind === 5 && $this->custom => new Custom('x"}'),
            $kind <= 6 => false,
            $kind === 7 => $this->object($depth),
            $kind === 8 => new Below($this->value($depth + 1)),
            default => $this->list($depth),
        };
        if (is_object($value)) {
            $this->made[] = $value;
        }
        return $value;
    }

    public function object(int $depth): stdClass
    {
        $object = new stdClass();
        foreach (['a', 'b', 'c'] as $name) {
            $object->$name = $this->value($depth + 1);
        }
        $object->d = &$object->a;
        return $object;
    }

    private function list(int $depth): array
    {
        $list = [];
        for ($at = mt_rand(0, 4); $at > 0; $at--) {
            $list[] = $this->value($depth + 1);
        }
        if ($list !== [] && mt_rand(0, 1) === 1) {
            $list[] = &$list[0];
        }
        return $list;
    }
}

error_reporting(E_ALL & ~E_DEPRECATED);
mt_srand((int) $argv[1]);
for ($count = (int) $argv[2]; $count > 0; $count--) {
    $value = (new Graphs(($argv[3] ?? '') === 'custom'))->object(0);
    echo json_encode([serialize($value), $value], JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
}
