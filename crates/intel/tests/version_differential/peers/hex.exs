parse = fn text ->
  case Version.parse(text) do
    {:ok, version} -> version
    :error -> nil
  end
end

IO.stream(:stdio, :line)
|> Enum.map(fn line ->
  [a, b] = line |> String.trim_trailing("\n") |> String.split("\t") |> Enum.map(parse)

  cond do
    a == nil or b == nil -> "!"
    true -> %{lt: "<", eq: "=", gt: ">"}[Version.compare(a, b)]
  end
end)
|> Enum.join("\n")
|> IO.puts()
