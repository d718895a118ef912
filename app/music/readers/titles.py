"""What columns are called: the titles of fields as programs write them, in the languages of their users. Pure."""

from __future__ import annotations

import re

from app.lib.text import fold

# Folded words, parted by |. The first meaning wins where a title has two; contents settle the rest (tables.py).
_TITLES = {
    "title": (
        "title|track title|song title|name|song|song name|track name|track|tracktitle|titel|"
        "track titel|tracktitel|titre|titre du morceau|nom|morceau|titulo|titulo de la pista|"
        "titulo de pista|nombre|cancion|titolo|titolo brano|titolo del brano|brano|nome|"
        "titulo da faixa|nome da faixa|musica|cim|dal cime|szam cime|nazwa|tytul|nimi|navn|namn|"
        "nazev|nume|トラックタイトル|曲名|タイトル|名前|곡 제목|标题|曲目标题|название|"
        "название трека|nome del brano|nom de la piste|nombre de la cancion|titelname|songtitel|"
        "nombre de la pista|nome da musica"
    ),
    "artist": (
        "artist|artist name|artist name s|artist name 1|song artist|artists|artist s|artist names|performer|interpret|"
        "interpreten|kunstler|artiste|artistes|interprete|artista|artisti|artistas|eloado|"
        "wykonawca|esittaja|artiest|umelec|アーティスト|아티스트|艺术家|艺人|исполнитель|"
        "nome artista|nom de l artiste|nom s de l artiste|nombre s del artista|nombre del artista|"
        "nome s dell artista|nome s do artista|kunstlername n|name n des kunstlers|trackartist|"
        "track artist"
    ),
    "artist_title": "artist title|artist - title|artist / title|track artist title|full title|artist and title",
    "album": (
        "album|album name|album title|release|albumtitel|nom de l album|nombre del album|"
        "nome album|nome dell album|nome do album|albumname|アルバム|앨범|专辑|альбом|levy"
    ),
    "genre": "genre|genres|style|stil|genero|generi|mufaj|gatunek|ジャンル|장르|风格|жанр|genre s",
    "bpm": "bpm|tempo|tempo bpm|beats per minute|bpm value|average bpm|averagebpm|bpm avg",
    "key": (
        "key|key signature|musical key|tonality|tonart|tonalite|tonalidad|tonalita|tonalidade|"
        "clave|cle|tom|hangnem|tonacja|toonsoort|キー|키|调|тональность|initial key|initialkey|"
        "savellaji|key text"
    ),
    "camelot": "camelot|camelot key|open key|key camelot",
    "mode": "mode|modus",
    "duration": (
        "time|duration|length|track length|track time|total time|dauer|zeit|lange|duree|temps|"
        "duracion|tiempo|durata|tempo totale|duracao|hossz|ido|czas|tijd|speelduur|時間|시간|时长|"
        "时间|время|длительность|kesto|tid|laenge"
    ),
    "duration_ms": (
        "duration ms|track duration ms|length ms|duration in ms|durationms|duree de la piste ms|"
        "duracion de la cancion ms|durata della traccia ms|durata del brano ms|dauer ms|duracao ms|"
        "duracao da faixa ms|dauer des titels ms|duracion ms|duracion de la pista ms"
    ),
    "duration_s": "duration s|duration sec|seconds|duration seconds|length seconds|sekunden",
    "energy": "energy|starting energy|energy level|energie|energia",
    "familiarity": "familiarity|bekanntheit",
    "comment": (
        "comment|comments|notes|note|kommentar|kommentare|commentaire|commentaires|comentario|"
        "comentarios|commento|commenti|megjegyzes|コメント|코멘트|备注|комментарий"
    ),
    "path": (
        "path|file|filename|file name|location|file path|filepath|url|link|track uri|uri|"
        "spotify uri|spotify track id|speicherort|ort|dateiname|emplacement|ubicacion|percorso|"
        "posizione|hely|uri de la piste|uri de la cancion|uri della traccia|track url"
    ),
    "isrc": "isrc",
    "playlist": "playlist|playlist name|set|list|crate|liste|lista",
    "position": "number|no|nr|index|position|pos|track number|row|rank|order|szam|sorszam",
    "start": (
        "start time|start|played at|time played|date time|timestamp|datetime|played|date played|"
        "playtime start|startzeit|start uhrzeit|zeitpunkt|heure de debut|hora de inicio|"
        "last played at|uts|gespielt um|gespielt am|abgespielt|joue a|joue le|reproducido|riprodotto"
    ),
    "heard": "playtime|play time|time heard|spielzeit|seconds played|heard",
    "end": "end time|end|endzeit",
}
_BY_TITLE: dict[str, str] = {}
for _field, _titles in _TITLES.items():
    for _title in _titles.split("|"):
        _BY_TITLE.setdefault(fold(_title), _field)


def field_of(title: str) -> str:
    """The field that a column's title means; "" for none."""
    plain = " ".join(re.findall(r"[^\W_]+", fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title))))
    return _BY_TITLE.get(plain) or _BY_TITLE.get(plain.replace(" ", "")) or ("position" if title.strip() == "#" else "")
