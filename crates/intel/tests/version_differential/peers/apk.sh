tab=$(printf '\t')
while IFS= read -r line; do
    a=${line%%"$tab"*} b=${line#*"$tab"}
    # It compares what it calls invalid too, as far as it goes.
    if [ -n "$(apk version --check "$a" "$b" 2>/dev/null)" ]; then
        echo "!"
    else
        apk version --test "$a" "$b"
    fi
done
