require "json"

names = ARGV.dup
ARGV.clear # a library that is a command reads its arguments when it is loaded
if names.empty? && File.exist?("Gemfile")
  require "bundler"
  Bundler.definition.dependencies.each do |d|
    names << d.name if d.should_include? && (d.groups & %i[default production]).any? && d.autorequire != []
  end
end
result = {}
unless names.empty?
  begin
    require "bundler/setup" if File.exist?("Gemfile")
  rescue Exception => e
    names.each { |n| result[n] = "#{e.class}: #{e.message.lines.first.to_s.chomp}" }
  end
end
names.each do |n|
  next if result[n]
  tries = [n, n.tr("-", "/"), n.tr("-", "_")].uniq
  tries.each do |t|
    begin
      require t
      result[n] = ""
      break
    rescue Exception => e
      result[n] ||= "#{e.class}: #{e.message.lines.first.to_s.chomp}"
    end
  end
end
puts
puts JSON.generate(result)
