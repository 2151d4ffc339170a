import random

from goldsmith.platform.memory import Memory


def test_keeps_what_was_used_last() -> None:
    memory: Memory[str] = Memory(most_bytes=30)
    for key in "abc":
        memory.put(key, key.upper(), size_bytes=10)
    assert memory.get("a") == "A"
    memory.put("d", "D", size_bytes=10)
    assert [memory.get(key) for key in "abcd"] == ["A", None, "C", "D"]
    assert memory.size_bytes == 30


def test_a_value_above_the_cap_is_not_kept() -> None:
    memory: Memory[str] = Memory(most_bytes=30)
    memory.put("a", "A", size_bytes=10)
    memory.put("b", "B", size_bytes=31)
    assert (memory.get("a"), memory.get("b"), memory.size_bytes) == ("A", None, 10)


def test_the_same_key_again_takes_the_place() -> None:
    memory: Memory[str] = Memory(most_bytes=30, most_values=2)
    memory.put("a", "A", size_bytes=10)
    memory.put("a", "B", size_bytes=20)
    assert (memory.get("a"), memory.size_bytes, len(memory)) == ("B", 20, 1)


def test_never_holds_more_than_its_caps() -> None:
    rng = random.Random(3)
    memory: Memory[int] = Memory(most_bytes=100, most_values=7)
    held: dict[int, int] = {}
    for _ in range(2000):
        key, size = rng.randrange(20), rng.randrange(1, 60)
        memory.put(key, key, size_bytes=size)
        held[key] = size
        assert memory.size_bytes <= 100
        assert len(memory) <= 7
        assert memory.size_bytes == sum(held[k] for k in held if memory._values.get(k) is not None)
