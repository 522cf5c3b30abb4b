STDIN.each_line do |line|
  a, b = line.chomp.split("\t", -1)
  if Gem::Version.correct?(a) && Gem::Version.correct?(b)
    puts %w[= > <][Gem::Version.new(a) <=> Gem::Version.new(b)]
  else
    puts "!"
  end
end
