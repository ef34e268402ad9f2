; Inno Setup: ISCC /DVersion=0.1.0 packaging\windows\rtms-desktop.iss, after packaging/build.py bundle.
; UNTESTED: nobody has run it yet.
#ifndef Version
  #error Say which version: /DVersion=0.1.0
#endif
#define Bundle "..\..\build\frozen\rtms-desktop"

[Setup]
AppId=rtms-desktop
AppName=RTMS Desktop
AppVersion={#Version}
AppPublisher=RTMS Desktop contributors
DefaultDirName={autopf}\RTMS Desktop
DefaultGroupName=RTMS Desktop
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
ChangesAssociations=yes
LicenseFile=..\..\LICENSE
SetupIconFile=..\..\build\icons\rtms-desktop.ico
UninstallDisplayIcon={app}\rtms-desktop-gui.exe
OutputDir=..\..\dist
OutputBaseFilename=RTMS-Desktop-{#Version}-setup

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion
Source: "..\licences\*"; DestDir: "{app}\licences"; Flags: ignoreversion

[Icons]
Name: "{group}\RTMS Desktop"; Filename: "{app}\rtms-desktop-gui.exe"
Name: "{group}\RTMS Desktop demo"; Filename: "{app}\rtms-desktop-gui.exe"; Parameters: "--demo"

[Registry]
Root: HKA; Subkey: "Software\Classes\.rtms"; ValueType: string; ValueData: "RtmsDesktop.Recording"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\RtmsDesktop.Recording"; ValueType: string; ValueData: "RTMS Desktop recording"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\RtmsDesktop.Recording\shell\open\command"; ValueType: string; ValueData: """{app}\rtms-desktop-gui.exe"" ""%1"""

[Run]
Filename: "{app}\rtms-desktop-gui.exe"; Description: "Start RTMS Desktop"; Flags: postinstall nowait skipifsilent
